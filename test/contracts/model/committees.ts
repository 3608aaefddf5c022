import type { ContractFunctionArgs } from "viem";
import type { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  NO_SETTLEMENT,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Committee, CommitteeMember } from "#protocol/types/committee.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import type { Books } from "./books.ts";
import { MEMBERS } from "./bridge-ledger.ts";
import { signAll, signerOf } from "./keys.ts";
import { at, type Refusal } from "./ledger.ts";

/** What may be wrong with a committee that a settlement names; `old` keys and whoever `joined` may be as they must. */
export const FLAWS = ["swapped", "stranger", "early", "otherEpoch", "powerless", "old", "joined"] as const;
export type Flaw = (typeof FLAWS)[number] | "none";

/** No node of these tests has its key. */
const FORGER = 900;

/** What the settlement of the next epoch names. */
export function nextCommittee({ bridge, registry }: Books, flaw: Flaw): Committee {
  const epoch = bridge.nextEpoch + 1;
  const drawn = (nodeId: number): CommitteeMember =>
    member(nodeId, flaw === "old" ? 0 : (registry.versionAt(nodeId, epoch) ?? 0));
  const members = MEMBERS.map(drawn);
  const [first, second] = [at(members, 0), at(members, 1)];
  const newest = registry.nodes.length;
  if (flaw === "swapped") first.consensusKey = signerOf(FORGER, 0).publicKey;
  if (flaw === "early") members[1] = member(second.nodeId, registry.get(second.nodeId).keys.length);
  if (flaw === "powerless") members[0] = { ...first, power: 0 };
  if (flaw === "stranger") members.push(member(newest + 1, 0));
  if (flaw === "joined" && newest > MEMBERS.length) members.push(drawn(newest));
  return { epoch: flaw === "otherEpoch" ? epoch + 1 : epoch, members };
}

function member(nodeId: number, keyVersion: number): CommitteeMember {
  return { nodeId, keyVersion, power: 1, consensusKey: signerOf(nodeId, keyVersion).publicKey };
}

/** Whether nobody could challenge the settlement of `epoch` for it. */
export function isSound({ registry, staking, parameters, bridge }: Books, next: Committee, epoch: number) {
  const least = parameters.lowest("minStake", bridge.nextEpoch);
  const fits = ({ nodeId, keyVersion, consensusKey }: CommitteeMember): boolean => {
    const key = registry.find(nodeId)?.keys[keyVersion];
    if (!key || key.fromEpoch > next.epoch || staking.bound(nodeId) < least) return false;
    return equalBytes(key.signer.publicKey, consensusKey);
  };
  return next.epoch === epoch + 1 && isWellFormed(next) && next.members.every(fits);
}

/** No member without power: in these tests they ascend. */
export function isWellFormed({ members }: Committee): boolean {
  return members.every(({ power }) => power > 0);
}

/** Why a certificate of `committee` without `absent` is none. There are always enough of them. */
export function uncertified({ bridge, registry }: Books, committee: Committee, absent: number[]): Refusal {
  if (committee.epoch !== bridge.nextEpoch) return "WrongEpoch";
  if (!isWellFormed(committee)) return "InvalidCommittee";
  for (const { nodeId, keyVersion, consensusKey } of committee.members) {
    if (!absent.includes(nodeId)) continue;
    const key = registry.find(nodeId)?.keys[keyVersion];
    if (!key) return "UnknownKey";
    if (!equalBytes(key.signer.publicKey, consensusKey)) return "InvalidSignature";
  }
}

/** Arguments of `settle`, signed by all members but `absent`. */
export function settleArgs(
  networkId: Uint8Array,
  settlement: Settlement,
  by: { committee: Committee; absent: number[]; previous: Settlement | undefined },
): ContractFunctionArgs<typeof epochSettlementAbi, "nonpayable", "settle"> {
  const message = settlementMessage(networkId, settlement.epoch, settlementDigest(settlement));
  const signers = by.committee.members.filter(({ nodeId }) => !by.absent.includes(nodeId));
  return [
    by.previous ? toL2Settlement(by.previous) : NO_SETTLEMENT,
    toL2Settlement(settlement),
    toL2Committee(by.committee),
    by.absent,
    signAll(signers.map(({ consensusKey }) => ({ publicKey: consensusKey, message }))),
  ];
}
