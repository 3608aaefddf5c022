import type { RevenueStatus } from "./revenue.ts";

export interface DeliveryStatus {
  sessions: number;
  transfers: number;
  /** bytes since the process started */
  bytesServed: bigint;
  acks: { accepted: number; refused: number };
  revenue: RevenueStatus;
}

/** What a session key may still ask for here. */
export interface CreditStatus {
  epoch: number;
  /** units that may be served and not acknowledged now */
  window: number;
  /** micro-USD reserved in the epoch, in all */
  reserved: bigint;
  /** micro-USD of it beyond what is acknowledged and not paid; below zero: so much is not covered */
  spare: bigint;
}
