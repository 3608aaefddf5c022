import { ContainerType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import { MAX_COMMITTEE } from "../params/limits.ts";
import { Bytes48, Counter64, Uint32 } from "./primitives.ts";

export const CommitteeMember = new ContainerType(
  {
    nodeId: Uint32,
    keyVersion: Uint32,
    /** voting power */
    power: Counter64,
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

export function totalPower(committee: Committee): number {
  return committee.members.reduce((sum, member) => sum + member.power, 0);
}

/** 2N/3 + 1 of the total power N (protocol.md (a)). */
export function quorumPower(committee: Committee): number {
  return Math.floor((2 * totalPower(committee)) / 3) + 1;
}

/** (N + 2) / 3: at least one honest member. */
export function validityPower(committee: Committee): number {
  return Math.floor((totalPower(committee) + 2) / 3);
}

export function memberIndex(committee: Committee, nodeId: number): number {
  return committee.members.findIndex((member) => member.nodeId === nodeId);
}
