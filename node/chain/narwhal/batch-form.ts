import { WORKERS } from "#node/consensus/header.ts";
import { MAX_BATCH_BYTES, MAX_TRANSACTION_BYTES, MIN_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import type { Batch } from "#protocol/types/consensus.ts";
import { narwhalError } from "./errors.ts";

/** SSZ offset per transaction */
const TRANSACTION_OVERHEAD = 4;
/** room for the envelope, as in the wire type */
const LARGEST = MAX_TRANSACTION_BYTES + 256;
/** More do not fit into a batch. */
export const MAX_TRANSACTIONS: number = Math.floor(
  MAX_BATCH_BYTES / (MIN_TRANSACTION_BYTES + TRANSACTION_OVERHEAD),
);

/** Bytes that transactions take in a batch. */
export function transactionBytes(transactions: readonly Uint8Array[]): number {
  return transactions.reduce((sum, { length }) => sum + length + TRANSACTION_OVERHEAD, 0);
}

/** @throws ERR_TX_TOO_SMALL, ERR_TX_TOO_LARGE */
export function assertFitsBatch({ length: bytes }: Uint8Array): void {
  if (bytes < MIN_TRANSACTION_BYTES)
    throw narwhalError("ERR_TX_TOO_SMALL", "no transaction is so small", { bytes });
  if (bytes > LARGEST)
    throw narwhalError("ERR_TX_TOO_LARGE", "a transaction is too large for a batch", { bytes });
}

/**
 * WRK-FORM: what every member demands before it stores a batch, handed over or fetched: without its vote, no bytes get into a block
 * that cost work and can change nothing.
 * @throws ERR_BATCH_FORM
 */
export function assertBatchForm(batch: Batch, from: number): void {
  const { transactions, worker } = batch;
  if (worker >= WORKERS) throw narwhalError("ERR_BATCH_FORM", "a batch of no worker", { from });
  if (transactions.length === 0 || transactions.length > MAX_TRANSACTIONS) {
    throw narwhalError("ERR_BATCH_FORM", "a batch with no or too many transactions", { from });
  }
  if (transactions.some(({ length }) => length < MIN_TRANSACTION_BYTES)) {
    throw narwhalError("ERR_BATCH_FORM", "a batch with a transaction that is too small", { from });
  }
}
