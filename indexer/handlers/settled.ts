import { eq, sql } from "drizzle-orm";
import type { Transaction } from "../store/database.ts";
import {
  accountEpochs,
  accounts,
  epochGrants,
  epochs,
  nodeEpochs,
  nodes,
  nodeWork,
  settlements,
} from "../store/schema.ts";
import { refreshFigures } from "./node-figures.ts";

/**
 * Joins what the L2 settled to what the chain certified: equal digests of a verified epoch make it final once the settlement
 * is active, and move the accounts to it; another digest marks the epoch, and takes back what its report said. Gives the epochs that were marked.
 */
export async function promoteSettled(tx: Transaction): Promise<number[]> {
  const disagreeing = await markDisagreeing(tx);
  const { rows } = await tx.execute<{ number: number }>(sql`
    UPDATE ${epochs} SET "final" = true FROM ${settlements}
    WHERE ${settlements.epoch} = ${epochs.number} AND ${settlements.digest} = ${epochs.digest}
      AND ${settlements.activatedBlock} IS NOT NULL AND ${epochs.verified} AND NOT ${epochs.final}
    RETURNING ${epochs.number}`);
  if (rows.length === 0) return disagreeing;
  const newest = Math.max(...rows.map((row) => row.number));
  await tx.execute(sql`
    UPDATE ${accounts} SET "settledEpoch" = e."epoch", "settledBalance" = e."balance",
      "settledDeposits" = e."depositsSeen", "payoutStable" = e."payoutStable", "payoutFlk" = e."payoutFlk"
    FROM ${accountEpochs} e
    WHERE e."account" = ${accounts.address} AND e."epoch" = ${newest}
      AND (${accounts.settledEpoch} IS NULL OR ${accounts.settledEpoch} < ${newest})`);
  return disagreeing;
}

async function markDisagreeing(tx: Transaction): Promise<number[]> {
  const { rows } = await tx.execute<{ number: number }>(sql`
    UPDATE ${epochs} SET "verified" = false, "problem" = 'ERR_SETTLEMENT_DIGEST' FROM ${settlements}
    WHERE ${settlements.epoch} = ${epochs.number} AND ${epochs.digest} IS NOT NULL
      AND ${settlements.digest} <> ${epochs.digest} AND NOT ${epochs.final}
      AND (${epochs.verified} OR ${epochs.problem} IS DISTINCT FROM 'ERR_SETTLEMENT_DIGEST')
    RETURNING ${epochs.number}`);
  for (const { number } of rows) await withdrawReport(tx, number);
  return rows.map(({ number }) => number);
}

/** Blocks and times stay: the blocks say them, too. */
async function withdrawReport(tx: Transaction, epoch: number): Promise<void> {
  await tx
    .update(epochs)
    .set({
      ...{ lanes: null, deliveries: null, units: null, bytes: null, ms: null, revenue: null },
      ...{ flkScheduled: null, flkMinted: null, treasury: null, buyback: null },
    })
    .where(eq(epochs.number, epoch));
  await tx
    .update(accountEpochs)
    .set({ payoutStable: 0n, payoutFlk: 0n })
    .where(eq(accountEpochs.epoch, epoch));
  await tx.delete(epochGrants).where(eq(epochGrants.grantedBy, epoch));
  await tx.delete(nodeWork).where(eq(nodeWork.epoch, epoch));
  await tx.delete(nodeEpochs).where(eq(nodeEpochs.epoch, epoch));
  await refreshFigures(tx, sql`SELECT "id" FROM ${nodes} WHERE "reputationEpoch" = ${epoch}::integer`);
}
