import { sql } from "drizzle-orm";
import type { Transaction } from "../store/database.ts";
import { accountEpochs, accounts, epochs, settlements } from "../store/schema.ts";

/**
 * Joins what the L2 settled to what the chain certified: equal digests of a verified epoch make it final once the settlement
 * is active, and move the accounts to it; another digest marks the epoch.
 */
export async function promoteSettled(tx: Transaction): Promise<void> {
  await tx.execute(sql`
    UPDATE ${epochs} SET "verified" = false, "problem" = 'ERR_SETTLEMENT_DIGEST' FROM ${settlements}
    WHERE ${settlements.epoch} = ${epochs.number} AND ${epochs.digest} IS NOT NULL
      AND ${settlements.digest} <> ${epochs.digest} AND NOT ${epochs.final}`);
  const { rows } = await tx.execute<{ number: number }>(sql`
    UPDATE ${epochs} SET "final" = true FROM ${settlements}
    WHERE ${settlements.epoch} = ${epochs.number} AND ${settlements.digest} = ${epochs.digest}
      AND ${settlements.activatedBlock} IS NOT NULL AND ${epochs.verified} AND NOT ${epochs.final}
    RETURNING ${epochs.number}`);
  if (rows.length === 0) return;
  const newest = Math.max(...rows.map((row) => row.number));
  await tx.execute(sql`
    UPDATE ${accounts} SET "settledEpoch" = e."epoch", "settledBalance" = e."balance",
      "settledDeposits" = e."depositsSeen", "payoutStable" = e."payoutStable", "payoutFlk" = e."payoutFlk"
    FROM ${accountEpochs} e
    WHERE e."account" = ${accounts.address} AND e."epoch" = ${newest}
      AND (${accounts.settledEpoch} IS NULL OR ${accounts.settledEpoch} < ${newest})`);
}
