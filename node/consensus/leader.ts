import { drawRank } from "#protocol/digests/consensus.ts";
import { type Committee, totalPower } from "#protocol/types/committee.ts";
import { consensusError } from "./errors.ts";

/** BUL-ANCHOR: anchors sit on even rounds from 2 on. */
export function isAnchorRound(round: number): boolean {
  return round >= 2 && round % 2 === 0;
}

/**
 * BUL-ELECT: the nodeId that is elected for an anchor round: the draw of round / 2 modulo the total power, counted through the members by
 * nodeId. Hash-based, so that any language computes the same schedule.
 * @throws ERR_HEADER_ROUND for a round without an anchor
 */
export function leaderOf(
  networkId: Uint8Array,
  committee: Committee,
  seed: Uint8Array,
  round: number,
): number {
  if (!isAnchorRound(round)) throw consensusError("ERR_HEADER_ROUND", "this round has no leader", { round });
  const draw = drawRank(networkId, "leader", seed, round / 2);
  let value = 0n;
  for (const byte of draw) value = (value << 8n) | BigInt(byte);
  let left = Number(value % BigInt(totalPower(committee)));
  for (const member of committee.members) {
    if (left < member.power) return member.nodeId;
    left -= member.power;
  }
  throw consensusError("ERR_HEADER_ROUND", "a committee without power has no leader", { round });
}
