import { ContainerType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import { MAX_COMMITTEE } from "../params/limits.ts";
import { Bytes48, Counter64, Power, Uint32 } from "./primitives.ts";

export const CommitteeMember = new ContainerType(
  {
    nodeId: Uint32,
    keyVersion: Uint32,
    /** voting power: u64 on the wire, at most u32 */
    power: Power,
    /** compressed G1 */
    consensusKey: Bytes48,
  },
  { typeName: "CommitteeMember" },
);
export type CommitteeMember = ValueOf<typeof CommitteeMember>;

/** Members ascending by nodeId. */
export const Committee = new ContainerType(
  { epoch: Counter64, members: new ListCompositeType(CommitteeMember, MAX_COMMITTEE) },
  { typeName: "Committee" },
);
export type Committee = ValueOf<typeof Committee>;

/** Exact: at most 256 members of at most u32 each. */
export function totalPower(committee: Committee): number {
  return committee.members.reduce((sum, member) => sum + member.power, 0);
}

/** floor(2N/3) + 1 of the total power N, in integers as the L2 computes it. */
export function quorumPower(committee: Committee): number {
  return Number((2n * BigInt(totalPower(committee))) / 3n + 1n);
}

/** floor((N + 2) / 3): at least one honest member. */
export function validityPower(committee: Committee): number {
  return Number((BigInt(totalPower(committee)) + 2n) / 3n);
}

export function memberIndex(committee: Committee, nodeId: number): number {
  return committee.members.findIndex((member) => member.nodeId === nodeId);
}
