import type { Ed25519Signer } from "#crypto";
import { EMPTY_LOG, extendLog, signAck, verifyAckSignature } from "#protocol/digests/ack.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { type Ack, type LaneKey, SignedAck } from "#protocol/types/ack.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import type { DeliveryEntry } from "#protocol/types/edge-http.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import type { StoredLane } from "./lane-store.ts";

/** A lane without its epoch. */
export type LaneIdentity = Omit<LaneKey, "epoch">;

/** The newest acknowledgement we signed in a lane of one epoch; `signed` is absent at its start. */
export interface LaneState {
  epoch: number;
  count: number;
  units: bigint;
  log: Uint8Array;
  signed: Hex | undefined;
  /** what `signed` added: sent along until the node confirms */
  deliveries: DeliveryEntry[];
  confirmed: boolean;
}

export function freshLane(epoch: number): LaneState {
  return { epoch, count: 0, units: 0n, log: EMPTY_LOG, signed: undefined, deliveries: [], confirmed: true };
}

/** The acknowledgement that covers `deliveries` after `state`. */
export function nextAck(
  networkId: Uint8Array,
  key: Ed25519Signer,
  lane: LaneIdentity,
  state: LaneState,
  deliveries: DeliveryEntry[],
): LaneState {
  let { units, log } = state;
  for (const entry of deliveries) {
    const delivery = {
      contentHash: fromHex(entry.hash, 32),
      offset: BigInt(entry.offset),
      units: BigInt(entry.units),
    };
    units += delivery.units;
    log = extendLog(log, delivery);
  }
  const count = state.count + deliveries.length;
  const ack: Ack = { ...lane, epoch: state.epoch, count, units, log };
  const signed = toHex(SignedAck.serialize(signAck(networkId, ack, key)));
  return { epoch: state.epoch, count, units, log, signed, deliveries, confirmed: false };
}

/**
 * An acknowledgement of this lane that carries our signature, from disk or from the node.
 * @throws ERR_LANE_STATE when it is not ours
 */
function readSigned(networkId: Uint8Array, lane: LaneIdentity, signed: Hex): LaneState {
  let parsed: SignedAck;
  try {
    parsed = decode(SignedAck, fromHex(signed));
  } catch (cause) {
    throw clientError("ERR_LANE_STATE", "not an acknowledgement", {}, isFlkError(cause) ? { cause } : {});
  }
  const { epoch, count, units, log, ...identity } = parsed.ack;
  const same =
    equalBytes(identity.account, lane.account) &&
    equalBytes(identity.session, lane.session) &&
    identity.lane === lane.lane &&
    identity.node === lane.node &&
    identity.service === lane.service &&
    identity.commodity === lane.commodity;
  if (!same || !verifyAckSignature(networkId, parsed)) {
    throw clientError("ERR_LANE_STATE", "an acknowledgement that this session key did not sign in this lane");
  }
  return { epoch, count, units, log, signed, deliveries: [], confirmed: true };
}

/**
 * Where to go on after (re)opening a session: what we kept, unless the node proves with our own signature that we went
 * further. Never goes back from what we kept, so no count is signed twice (rule D4.4); without it the node's word is all there is (D14).
 */
export function resumeLane(
  networkId: Uint8Array,
  lane: LaneIdentity,
  epoch: number,
  stored: StoredLane | undefined,
  newest: readonly Hex[],
): LaneState {
  const held = newest.map((signed) => readSigned(networkId, lane, signed));
  const kept = stored && readSigned(networkId, lane, stored.signed);
  const at = kept ? Math.max(epoch, kept.epoch) : epoch;
  const node = held.find((state) => state.epoch === at);
  if (!kept || kept.epoch < at) return node ?? freshLane(at);
  if (node && node.count > kept.count) return node;
  if (node && node.count === kept.count) {
    if (node.signed === kept.signed) return node;
    throw clientError("ERR_LANE_STATE", "two acknowledgements with one count: use another lane number");
  }
  const missing = kept.count - (node?.count ?? 0);
  if (missing !== stored?.deliveries.length) {
    const message = "the node lost acknowledgements of this lane: use another lane number in this epoch";
    throw clientError("ERR_LANE_STATE", message, { kept: kept.count, node: node?.count ?? 0 });
  }
  return { ...kept, deliveries: stored.deliveries, confirmed: false };
}
