import { and, eq, sql } from "drizzle-orm";
import { type Transaction as ChainTransaction, parsePayload } from "#protocol/digests/transactions.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Ack } from "#protocol/types/ack.ts";
import { type Block, CHANGE, type Receipt } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import { isEnvelope, SignedTransaction, TX, type TxKind } from "#protocol/types/transactions.ts";
import type { Rows } from "../store/rows.ts";
import { measurements, sessions, transactions, transfers, withdrawals } from "../store/schema.ts";
import type { LanePayments } from "./lanes.ts";

/** Where a transaction is. */
interface Position {
  height: number;
  position: number;
  epoch: number;
  time: number;
}

const KINDS: Record<TxKind, string> = {
  [TX.transfer]: "TRANSFER",
  [TX.withdraw]: "WITHDRAW",
  [TX.authorizeSession]: "AUTHORIZE_SESSION",
  [TX.revokeSession]: "REVOKE_SESSION",
  [TX.submitAcks]: "SUBMIT_ACKS",
  [TX.optIn]: "OPT_IN",
  [TX.optOut]: "OPT_OUT",
  [TX.reserve]: "RESERVE",
  [TX.submitReputation]: "SUBMIT_REPUTATION",
};

/** By position: undefined of what the block did not apply. */
type Applied = (ChainTransaction | undefined)[];

/** The transactions that a block applied. */
export function appliedIn({ input, receipts }: Block): Applied {
  return receipts.map(({ status }, position) =>
    status === 0 ? read(input.transactions[position]) : undefined,
  );
}

/** Writes what the transactions of a verified block did, and what its L2 events withdrew. */
export async function applyTransactions(
  rows: Rows,
  lanes: LanePayments,
  { height, block, applied }: { height: number; block: Block; applied: Applied },
): Promise<void> {
  const { epoch } = block.input;
  for (const [i, { account, reason, delta }] of block.l2Changes.entries()) {
    if (reason !== CHANGE.withdraw) continue;
    const at = { height, position: -1 - i, epoch, time: block.time };
    rows.insert(withdrawals, { ...at, txId: null, account: toHex(account), amount: delta });
  }
  for (const [position, receipt] of block.receipts.entries()) {
    const at = { height, position, epoch, time: block.time };
    const tx = applied[position];
    rows.insert(transactions, transactionRow(at, receipt, tx));
    if (tx) await applyTransaction(rows, lanes, at, tx, receipt);
  }
}

/** The acknowledgements that the transactions of a block hand in and that are paid for. */
export function acksOf({ block, applied }: { block: Block; applied: Applied }): Ack[] {
  return applied.flatMap((tx, position) =>
    tx?.kind === TX.submitAcks && block.receipts[position]?.changes.length !== 0
      ? tx.body.acks.map(({ ack }) => ack)
      : [],
  );
}

function transactionRow(at: Position, receipt: Receipt, applied: Applied[number]) {
  return {
    ...at,
    id: toHex(receipt.txId),
    kind: KINDS[receipt.kind as TxKind] ?? "UNREADABLE",
    status: RECEIPT_CODES[receipt.status] ?? `STATUS_${receipt.status}`,
    account: applied && "account" in applied.body ? toHex(applied.body.account) : null,
    node: applied && "node" in applied.body ? applied.body.node : null,
  };
}

/** Undefined for bytes that no honest committee applies. */
function read(bytes: Uint8Array | undefined): Applied[number] {
  if (!bytes || !isEnvelope(bytes)) return undefined;
  const { kind, payload } = SignedTransaction.deserialize(bytes);
  try {
    return parsePayload(kind, payload);
  } catch (error) {
    if (isFlkError(error, "ERR_DECODE") || isFlkError(error, "ERR_TX_UNKNOWN_KIND")) return undefined;
    throw error;
  }
}

async function applyTransaction(
  rows: Rows,
  lanes: LanePayments,
  at: Position,
  tx: ChainTransaction,
  receipt: Receipt,
): Promise<void> {
  const txId = toHex(receipt.txId);
  switch (tx.kind) {
    case TX.transfer: {
      const { account, to, amount } = tx.body;
      return rows.insert(transfers, { ...at, txId, from: toHex(account), to: toHex(to), amount });
    }
    case TX.withdraw:
      return rows.insert(withdrawals, {
        ...at,
        txId,
        account: toHex(tx.body.account),
        amount: tx.body.amount,
      });
    case TX.authorizeSession: {
      const { account, key, limit, expiryEpoch } = tx.body;
      const session = { account: toHex(account), key: toHex(key), limit, expiryEpoch };
      return rows.insert(sessions, { ...at, txId, ...session });
    }
    case TX.revokeSession:
      return revoke(rows, at, txId, tx.body);
    case TX.submitAcks:
      return lanes.pay(at, tx.body, receipt);
    case TX.submitReputation: {
      const { node: reporter, peers } = tx.body;
      for (const { node: subject, ...seen } of peers)
        rows.upsert(measurements, { epoch: tx.body.epoch, reporter, subject, height: at.height, ...seen });
      return;
    }
    default:
      return;
  }
}

/** It serves until the end of this epoch, if it would for longer. */
async function revoke(
  rows: Rows,
  { height, epoch }: Position,
  txId: string,
  { account, key }: { account: Uint8Array; key: Uint8Array },
): Promise<void> {
  const tx = await rows.flush();
  await tx
    .update(sessions)
    .set({
      expiryEpoch: sql`least(${sessions.expiryEpoch}, ${epoch}::bigint)`,
      revokedHeight: height,
      revokedTx: txId,
    })
    .where(and(eq(sessions.account, toHex(account)), eq(sessions.key, toHex(key))));
}
