import { eq, sql } from "drizzle-orm";
import { type BalanceChange, type Block, CHANGE } from "#protocol/types/block.ts";
import { toHex } from "#protocol/types/hex.ts";
import { writeCursor } from "../store/cursor.ts";
import type { Transaction } from "../store/database.ts";
import { ROLE, Rows, withBits } from "../store/rows.ts";
import { accountEpochs, accounts, blocks, epochs } from "../store/schema.ts";
import { readLanePayments } from "./lanes.ts";
import { acksOf, appliedIn, applyTransactions } from "./transactions.ts";

/** A block whose commit certificate holds. */
export interface VerifiedBlock {
  height: number;
  root: Uint8Array;
  block: Block;
}

interface Folded {
  balance: bigint;
  depositsSeen: bigint;
}

/**
 * Writes consecutive verified blocks of one epoch, what they change in balances, and the cursor. A closing block must
 * be the last.
 */
export async function applyBlocks(tx: Transaction, epoch: number, verified: VerifiedBlock[]): Promise<void> {
  const last = verified.at(-1);
  if (!last) return;
  const consistent = await foldBalances(
    tx,
    verified.flatMap(({ block }) => changesOf(block)),
  );
  const rows = new Rows(tx);
  const read = verified.map((each) => ({ ...each, applied: appliedIn(each.block) }));
  const payments = await readLanePayments(tx, rows, read.flatMap(acksOf), epoch);
  for (const each of read) {
    rows.insert(blocks, blockRow(each));
    await applyTransactions(rows, payments, each);
  }
  await rows.flush();
  const closes = last.block.closes === 1;
  const transactions = verified.reduce((sum, { block }) => sum + block.input.transactions.length, 0);
  await tx
    .update(epochs)
    .set({
      blocks: sql`${epochs.blocks} + ${verified.length}`,
      transactions: sql`${epochs.transactions} + ${transactions}`,
      ...(closes ? { closeTime: last.block.time, l2Block: last.block.l2View.number } : {}),
      ...(consistent ? {} : { folded: false }),
    })
    .where(eq(epochs.number, epoch));
  if (closes) await snapshotBalances(tx, epoch);
  await writeCursor(tx, {
    height: last.height,
    blockRoot: toHex(last.root),
    epoch,
    index: last.block.input.index + 1,
  });
}

function changesOf(block: Block): BalanceChange[] {
  return [...block.l2Changes, ...block.receipts.flatMap((receipt) => receipt.changes)];
}

/** Applies the changes in their order. False when one does not follow from the balance before it. */
async function foldBalances(tx: Transaction, changes: BalanceChange[]): Promise<boolean> {
  if (changes.length === 0) return true;
  const touched = [...new Set(changes.map((change) => toHex(change.account)))];
  const clients = new Set<string>();
  const folded = await readBalances(tx, touched);
  let consistent = true;
  for (const change of changes) {
    const account = toHex(change.account);
    const before = folded.get(account) ?? { balance: 0n, depositsSeen: 0n };
    const incoming = change.reason === CHANGE.deposit || change.reason === CHANGE.transferIn;
    const expected = incoming ? before.balance + change.delta : before.balance - change.delta;
    if (expected !== change.balance) consistent = false;
    const seen = change.reason === CHANGE.deposit ? change.delta : 0n;
    folded.set(account, { balance: change.balance, depositsSeen: before.depositsSeen + seen });
    if (change.reason === CHANGE.deposit || change.reason === CHANGE.ackPayment) clients.add(account);
  }
  const rows = new Rows(tx);
  for (const [address, value] of folded) {
    rows.upsert(accounts, {
      address,
      ...value,
      ...(clients.has(address) ? { roles: withBits(ROLE.client) } : {}),
    });
  }
  await rows.flush();
  return consistent;
}

async function readBalances(tx: Transaction, addresses: string[]): Promise<Map<string, Folded>> {
  const found = new Map<string, Folded>();
  const rows = await tx
    .select({ address: accounts.address, balance: accounts.balance, depositsSeen: accounts.depositsSeen })
    .from(accounts)
    .where(sql`${accounts.address} = ANY(${sql.param(addresses)}::text[])`);
  for (const { address, balance, depositsSeen } of rows) found.set(address, { balance, depositsSeen });
  return found;
}

function blockRow({ height, root, block }: VerifiedBlock): typeof blocks.$inferInsert {
  return {
    height,
    epoch: block.input.epoch,
    index: block.input.index,
    time: block.time,
    transactions: block.input.transactions.length,
    blockRoot: toHex(root),
    stateRoot: toHex(block.stateRoot),
    anchor: toHex(block.input.anchor),
    anchorAuthor: block.input.anchorAuthor,
    l2Block: block.l2View.number,
  };
}

/** Keeps the balances of the close, so that the report can be checked whenever it comes. */
async function snapshotBalances(tx: Transaction, epoch: number): Promise<void> {
  await tx.execute(sql`
    INSERT INTO ${accountEpochs} ("epoch", "account", "balance", "depositsSeen")
    SELECT ${epoch}::integer, ${accounts.address}, ${accounts.balance}, ${accounts.depositsSeen} FROM ${accounts}
    WHERE ${accounts.balance} <> 0 OR ${accounts.depositsSeen} <> 0`);
}
