import { type AckConflict, LaneKey } from "../types/ack.ts";
import { equalBytes } from "../types/codec.ts";
import { verifyAckSignature } from "./ack.ts";
import { laneKeyOf } from "./ids.ts";

/**
 * Whether these prove that a session key signed two different acknowledgements with one count in one lane, which nobody who keeps
 * to the rules does (D4, D7). Needs nothing but the network's id. Rule D14.
 */
export function isAckConflict(networkId: Uint8Array, { first, second }: AckConflict): boolean {
  const [a, b] = [first.ack, second.ack];
  const same = LaneKey.equals(laneKeyOf(a), laneKeyOf(b)) && a.count === b.count;
  const differ = a.units !== b.units || !equalBytes(a.log, b.log);
  return same && differ && verifyAckSignature(networkId, first) && verifyAckSignature(networkId, second);
}
