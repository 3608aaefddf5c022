import type { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import type { Delivery as LogEntry } from "#protocol/types/delivery.ts";

/** Whom a session serves and which lane it acknowledges in; the lane is of the current epoch. */
export interface LaneRequest {
  account: Uint8Array;
  /** session key, or one that a session key delegated to */
  key: Uint8Array;
  /** when it is delegated */
  delegation?: SignedDelegation;
  lane: number;
  service: number;
  commodity: number;
}

/** A log entry as the client sends it: `transfer` says where it was served, and is not part of the log. */
export interface ClaimedDelivery extends LogEntry {
  transfer: number;
}

/** A lane's newest acknowledgement and what it is worth. */
export interface LaneState {
  readonly id: Uint8Array;
  readonly idKey: string;
  signed: SignedAck;
  /** micro-USD per 10^9 units, of the lane's epoch */
  price: bigint;
  /** of a delegated key: goes to the chain with the acknowledgement */
  delegation?: SignedDelegation;
}
