import { blake3 } from "#crypto";
import { withBytes } from "../ssz/scratch.ts";
import { type Ack, LaneKey } from "../types/ack.ts";
import { Batch } from "../types/consensus.ts";

/** BLAKE3 of the SSZ bytes of a `SignedTransaction`. */
export function transactionId(bytes: Uint8Array): Uint8Array {
  return blake3(bytes);
}

export function batchDigest(batch: Batch): Uint8Array {
  return blake3(Batch.serialize(batch));
}

export function laneKeyOf(ack: Ack): LaneKey {
  const { epoch, account, session, lane, node, service, commodity } = ack;
  return { epoch, account, session, lane, node, service, commodity };
}

/** Names a lane in the state and in stores: BLAKE3 of its SSZ bytes. */
export function laneId(ack: LaneKey): Uint8Array {
  return withBytes(LaneKey, ack, blake3);
}
