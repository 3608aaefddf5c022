import { and, between, eq } from "drizzle-orm";
import { type Hex, isAddressEqual } from "viem";
import type { Transaction } from "../store/database.ts";
import { ensureAccounts } from "../store/rows.ts";
import { accounts, claims, interruptions, settlements, starts } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";

type Of<Name extends LogOf<"settlement">["eventName"]> = Extract<LogOf<"settlement">, { eventName: Name }>;

/** Writes what one finalized log of the settlement contract says. `gas`: of the transactions that settle. */
export async function applySettlementLog(
  tx: Transaction,
  log: LogOf<"settlement">,
  gas: Map<Hex, bigint>,
): Promise<void> {
  switch (log.eventName) {
    case "Started":
      return applyStarted(tx, log);
    case "Settled":
      return applySettled(tx, log, gas.get(log.txHash) ?? 0n);
    case "Activated": {
      const { epoch, flkMinted } = log.args;
      const active = { activatedBlock: log.block, activatedTx: log.txHash, holds: 0, flkMinted };
      return update(tx, epoch, active);
    }
    case "Held":
      return update(tx, log.args.epoch, { holds: log.args.reasons });
    case "Released":
      return update(tx, log.args.epoch, { holds: 0 });
    case "Voided": {
      const { firstEpoch, lastEpoch } = log.args;
      const range = between(settlements.epoch, Number(firstEpoch), Number(lastEpoch));
      await tx.update(settlements).set({ voided: true }).where(range);
      return;
    }
    case "Frozen":
    case "Restart":
      return applyInterruption(tx, log);
    case "Claimed":
      return applyClaimed(tx, log);
    case "PayeeSet":
      return applyPayeeSet(tx, log);
    default:
      return;
  }
}

async function update(
  tx: Transaction,
  epoch: bigint,
  values: Partial<typeof settlements.$inferInsert>,
): Promise<void> {
  const row = and(eq(settlements.epoch, Number(epoch)), eq(settlements.voided, false));
  await tx.update(settlements).set(values).where(row);
}

async function applyStarted(tx: Transaction, { args }: Of<"Started">): Promise<void> {
  await tx.insert(starts).values({
    id: 0,
    startTime: Number(args.startTime),
    l2Block: Number(args.l2Number),
    digest: args.genesisDigest,
    members: args.committee.members,
    aggregateKey: args.committee.aggregateKey,
  });
}

async function applySettled(tx: Transaction, log: Of<"Settled">, gasUsed: bigint): Promise<void> {
  const { digest, settlement: s, activatesAt } = log.args;
  await tx.insert(settlements).values({
    ...s,
    epoch: Number(s.epoch),
    closeTime: Number(s.closeTime),
    l2Number: Number(s.l2Number),
    digest,
    txHash: log.txHash,
    block: log.block,
    gasUsed,
    activatesAt: Number(activatesAt),
  });
}

async function applyInterruption(tx: Transaction, log: Of<"Frozen"> | Of<"Restart">): Promise<void> {
  const { block, logIndex, txHash, args } = log;
  await tx.insert(interruptions).values({
    block,
    logIndex,
    txHash,
    kind: log.eventName === "Frozen" ? "FROZEN" : "RESTARTED",
    activeEpochs: Number(args.activeEpochs),
    resumeEpoch: log.eventName === "Restart" ? Number(log.args.resumeEpoch) : null,
  });
}

async function applyClaimed(tx: Transaction, log: Of<"Claimed">): Promise<void> {
  const { args, block, logIndex, txHash } = log;
  const account = lower(args.account);
  const payee = lower(args.payee);
  const { stablePaid: stable, flkPaid: flk, cumulativeStable, cumulativeFlk } = args;
  await tx
    .insert(claims)
    .values({ block, logIndex, txHash, account, payee, stable, flk, cumulativeStable, cumulativeFlk });
  await ensureAccounts(tx, [account]);
  await tx
    .update(accounts)
    .set({ claimedStable: cumulativeStable, claimedFlk: cumulativeFlk })
    .where(eq(accounts.address, account));
}

async function applyPayeeSet(tx: Transaction, { args }: Of<"PayeeSet">): Promise<void> {
  const account = lower(args.account);
  const payee = isAddressEqual(args.payee, args.account) ? null : lower(args.payee);
  await ensureAccounts(tx, [account]);
  await tx.update(accounts).set({ payee }).where(eq(accounts.address, account));
}
