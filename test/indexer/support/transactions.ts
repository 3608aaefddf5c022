import { serializePayload, type Transaction } from "#protocol/digests/transactions.ts";
import type { BalanceChange, Receipt } from "#protocol/types/block.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { SignedTransaction, TX } from "#protocol/types/transactions.ts";

/** At the price of service 0. */
export const UNITS_PER_MICRO_USD = 50_000n;

/** A transaction as a block has it, and its receipt. */
export interface TestTransaction extends Omit<Receipt, "txId"> {
  bytes: Uint8Array;
}

/** One that is applied. Nobody checks signatures of transactions again: the committee did. */
export function accountTransaction(tx: Transaction, changes: BalanceChange[] = []): TestTransaction {
  const signature = new Uint8Array(65);
  const bytes = SignedTransaction.serialize({ kind: tx.kind, payload: serializePayload(tx), signature });
  return { bytes, kind: tx.kind, status: 0, ackStatus: [], changes };
}

/** The key that acknowledges for an account. */
export function sessionOf(account: Hex): Uint8Array {
  return new Uint8Array(32).fill(Number.parseInt(account.slice(2, 4), 16));
}

/** One by node 2 that hands in what `change` pays: the lane has `units` then. */
export function ackTransaction(epoch: number, change: BalanceChange, units: bigint): TestTransaction {
  const { account } = change;
  const lane = { epoch, account, session: sessionOf(toHex(account)), lane: 0, node: 2 };
  const rest = { service: 0, commodity: 0, count: 1, units, log: new Uint8Array(32) };
  const acks = [{ ack: { ...lane, ...rest }, signature: new Uint8Array(64) }];
  const body = { node: 2, sequence: 1, acks, delegations: [] };
  return { ...accountTransaction({ kind: TX.submitAcks, body }, [change]), ackStatus: [0] };
}
