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

/** What this client signed for a node and let it have. Plain JSON. */
export interface StoredReservation {
  /** of `amount` */
  epoch: number;
  /** the highest signed, micro-USD in all */
  amount: string;
  /** units (bytes, or ms of compute) that the node was ever let serve ahead of acknowledgements */
  window: number;
  /** units acknowledged on the node's word that it served them, and not made good by units that came */
  unseen?: number;
}

/**
 * Where a client keeps what it signed. `save` must be durable when it resolves: an acknowledgement leaves only after.
 * One lane must not be used by two processes or tabs at once: give each its own lane number.
 */
export interface LaneStore {
  load(lane: string): Promise<StoredLane | undefined>;
  save(lane: string, state: StoredLane): Promise<void>;
  /** As `load` and `save`, of what a session key reserved for a node. */
  loadReservation(name: string): Promise<StoredReservation | undefined>;
  saveReservation(name: string, state: StoredReservation): Promise<void>;
}

/**
 * Forgets with the process; then the node's newest acknowledgement, which carries our signature, is the memory: a node that withholds it
 * has the same count signed again, and holds what looks like a breach of ours (rule D14).
 */
export function memoryLaneStore(): LaneStore {
  const lanes = new Map<string, StoredLane>();
  const reservations = new Map<string, StoredReservation>();
  return {
    load: (lane) => Promise.resolve(lanes.get(lane)),
    save: (lane, state) => {
      lanes.set(lane, structuredClone(state));
      return Promise.resolve();
    },
    loadReservation: (name) => Promise.resolve(reservations.get(name)),
    saveReservation: (name, state) => {
      reservations.set(name, { ...state });
      return Promise.resolve();
    },
  };
}
