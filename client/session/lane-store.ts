import type { DeliveryEntry } from "#protocol/types/edge-http.ts";
import type { Hex } from "#protocol/types/hex.ts";

/** The newest acknowledgement that this client signed in a lane. Plain JSON. */
export interface StoredLane {
  epoch: number;
  /** SSZ SignedAck */
  signed: Hex;
  /** the log entries that it added; sent again with it until the node has confirmed */
  deliveries: DeliveryEntry[];
}

/**
 * Where a client keeps what it signed. `save` must be durable when it resolves: an acknowledgement leaves only after.
 * One lane must not be used by two processes or tabs at once: give each its own lane number.
 */
export interface LaneStore {
  load(lane: string): Promise<StoredLane | undefined>;
  save(lane: string, state: StoredLane): Promise<void>;
}

/** Forgets with the process; then the node's newest acknowledgement, which carries our signature, is the memory. */
export function memoryLaneStore(): LaneStore {
  const lanes = new Map<string, StoredLane>();
  return {
    load: (lane) => Promise.resolve(lanes.get(lane)),
    save: (lane, state) => {
      lanes.set(lane, structuredClone(state));
      return Promise.resolve();
    },
  };
}
