import type { Hex } from "./hex.ts";

/** JSON bodies of the edge's HTTP API (docs/spec/delivery.md D9). Bytes are 0x hex, u64 are decimal strings. */
export interface SessionHello {
  /** networkId */
  network: Hex;
  account: Hex;
  /** session key */
  session: Hex;
  service: number;
  commodity: number;
  lane: number;
  /** SSZ SignedDelegation, when `session` is a delegated key */
  delegation?: Hex;
  /** 32 random bytes of the client */
  challenge: Hex;
}

export interface SessionChallenge {
  node: number;
  /** 32 bytes of the node */
  challenge: Hex;
  /** network key over nodeHandshakeDigest */
  signature: Hex;
}

export interface SessionProof extends SessionHello {
  nodeChallenge: Hex;
  /** session key over clientHandshakeDigest */
  signature: Hex;
}

/** A part of a transfer. */
export interface DeliveryEntry {
  /** as the response header `flk-transfer` named it */
  transfer: number;
  hash: Hex;
  offset: string;
  units: string;
}

/** What the session key may still ask for at this node. */
export interface Credit {
  epoch: number;
  /** units of the session's commodity that the node serves ahead of acknowledgements now */
  window: number;
  /** micro-USD that the chain has reserved for the node in `epoch`, in all */
  reserved: string;
  /** micro-USD of it beyond what is acknowledged and not paid; below zero: so much is not covered */
  spare: string;
}

export interface SessionOpened {
  /** 32 secret bytes: the header `flk-session` of later requests */
  id: Hex;
  node: number;
  epoch: number;
  credit: Credit;
  /** the session is dropped after so many ms without a request */
  idleMs: number;
  /** newest acknowledgements (SSZ SignedAck) of this lane that the node holds: of this epoch and of the one before */
  newest: Hex[];
  /** what was served in this lane and is not acknowledged, oldest first */
  unacknowledged: DeliveryEntry[];
}

export interface SessionStatus {
  epoch: number;
  unacknowledged: DeliveryEntry[];
  /** why the last transfer ended early */
  ended: { transfer: number; code: string; message: string } | null;
}

export interface AckRequest {
  network: Hex;
  /** session id */
  session: Hex;
  /** SSZ SignedAck */
  ack: Hex;
  /** the log entries that `ack` adds to the newest one before it */
  deliveries: DeliveryEntry[];
}

export interface AckResponse {
  /** the node's current epoch: when it is later than the ack's, the client starts that epoch's lane */
  epoch: number;
  count: number;
  units: string;
  credit: Credit;
}

export interface ReservationRequest {
  network: Hex;
  /** session id */
  session: Hex;
  /** SSZ SignedReserve */
  reserve: Hex;
}

/** Once the chain has locked it. */
export interface ReservationResponse {
  credit: Credit;
}

/** What a node says of itself before anybody opens a session. */
export interface OfferResponse {
  node: number;
  /** 0 idle to 100 busy, over the last second */
  load: number;
  /** micro-USD per 10^9 units by commodity, below which it serves nothing */
  minPrices: string[];
  /** whether it has the content that it was asked for */
  holds?: boolean;
}

export interface PricesResponse {
  epoch: number;
  /** prices by commodity, micro-USD per 10^9 units */
  services: { service: number; prices: string[] }[];
}

/**
 * A line of the answer to POST /v1/compute/{hash}: `ms` of the run so far, which may be acknowledged. The last one has the output or
 * an error.
 */
export interface ComputeLine {
  ms: number;
  output?: Hex;
  error?: ErrorBody;
}
/** Bounds of a run: bytes, and ms. */
export const MAX_MODULE_BYTES = 1 << 22;
export const MAX_COMPUTE_INPUT_BYTES = 1 << 20;
export const MAX_COMPUTE_OUTPUT_BYTES = 1 << 20;
export const MAX_COMPUTE_MS = 60_000;
/** ms after which the client wants the run to be ended */
export const MAX_MS_HEADER = "flk-max-ms";

export interface ErrorBody {
  code: string;
  message: string;
  /** with ERR_ACK_* : the node's epoch and the newest acknowledgement (SSZ SignedAck) it holds of the lane */
  epoch?: number;
  newest?: Hex;
}

export const SESSION_HEADER = "flk-session";
export const TRANSFER_HEADER = "flk-transfer";
/** log entries in one AckRequest */
export const MAX_ACK_DELIVERIES = 256;
