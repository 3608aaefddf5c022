import { and, between, eq } from "drizzle-orm";
import type { Hex } from "viem";
import type { Rows } from "../store/rows.ts";
import {
  accountPayees,
  accounts,
  claims,
  interruptions,
  settlementEvents,
  settlements,
  starts,
} from "../store/schema.ts";
import type { LogOf, Place } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";

type Of<Name extends LogOf<"settlement">["eventName"]> = Extract<LogOf<"settlement">, { eventName: Name }>;

/** Writes what one finalized log of the settlement contract says. `gas`: of the transactions that settle. */
export function applySettlementLog(
  rows: Rows,
  log: LogOf<"settlement">,
  gas: Map<Hex, bigint>,
): void | Promise<void> {
  switch (log.eventName) {
    case "Started":
      return applyStarted(rows, log);
    case "Settled":
      return applySettled(rows, log, gas.get(log.txHash) ?? 0n);
    case "Activated": {
      const { epoch, flkMinted } = log.args;
      const active = { activatedBlock: log.block, activatedTx: log.txHash, holds: 0, flkMinted };
      note(rows, log, Number(epoch), "ACTIVATED");
      return update(rows, Number(epoch), active);
    }
    case "Held":
      note(rows, log, Number(log.args.epoch), "HELD", log.args.reasons);
      return update(rows, Number(log.args.epoch), { holds: log.args.reasons });
    case "Released":
      note(rows, log, Number(log.args.epoch), "RELEASED");
      return update(rows, Number(log.args.epoch), { holds: 0 });
    case "Voided":
      return applyVoided(rows, log);
    case "Frozen":
    case "Restart":
      return applyInterruption(rows, log);
    case "Claimed":
      return applyClaimed(rows, log);
    case "PayeeSet":
      return applyPayeeSet(rows, log);
  }
}

/** Of the life of a settlement. */
function note(rows: Rows, log: Place, epoch: number, kind: string, holds = 0): void {
  rows.insert(settlementEvents, { ...placeOf(log), epoch, kind, holds });
}

async function applyVoided(rows: Rows, log: Of<"Voided">): Promise<void> {
  const [first, last] = [Number(log.args.firstEpoch), Number(log.args.lastEpoch)];
  const tx = await rows.flush();
  const voided = await tx
    .update(settlements)
    .set({ voided: true })
    .where(and(between(settlements.epoch, first, last), eq(settlements.voided, false)))
    .returning({ epoch: settlements.epoch });
  for (const { epoch } of voided) note(rows, log, epoch, "VOIDED");
}

/** What is voided stays as it was. */
async function update(
  rows: Rows,
  epoch: number,
  values: Partial<typeof settlements.$inferInsert>,
): Promise<void> {
  const tx = await rows.flush();
  const row = and(eq(settlements.epoch, epoch), eq(settlements.voided, false));
  await tx.update(settlements).set(values).where(row);
}

function applyStarted(rows: Rows, { args }: Of<"Started">): void {
  rows.insert(starts, {
    id: 0,
    startTime: Number(args.startTime),
    l2Block: Number(args.l2Number),
    digest: args.genesisDigest,
    members: args.committee.members,
    aggregateKey: args.committee.aggregateKey,
  });
}

function applySettled(rows: Rows, log: Of<"Settled">, gasUsed: bigint): void {
  const { digest, settlement: s, activatesAt } = log.args;
  note(rows, log, Number(s.epoch), "POSTED");
  rows.insert(settlements, {
    ...s,
    epoch: Number(s.epoch),
    closeTime: Number(s.closeTime),
    l2Number: Number(s.l2Number),
    digest,
    txHash: log.txHash,
    block: log.block,
    time: log.time,
    gasUsed,
    activatesAt: Number(activatesAt),
  });
}

function applyInterruption(rows: Rows, log: Of<"Frozen"> | Of<"Restart">): void {
  const { args } = log;
  rows.insert(interruptions, {
    ...placeOf(log),
    kind: log.eventName === "Frozen" ? "FROZEN" : "RESTARTED",
    activeEpochs: Number(args.activeEpochs),
    resumeEpoch: log.eventName === "Restart" ? Number(log.args.resumeEpoch) : null,
  });
}

function applyClaimed(rows: Rows, log: Of<"Claimed">): void {
  const { args } = log;
  const account = lower(args.account);
  const payee = lower(args.payee);
  const { stablePaid: stable, flkPaid: flk, cumulativeStable, cumulativeFlk } = args;
  const amounts = { stable, flk, cumulativeStable, cumulativeFlk };
  rows.insert(claims, { ...placeOf(log), account, payee, ...amounts });
  rows.upsert(accounts, { address: account, claimedStable: cumulativeStable, claimedFlk: cumulativeFlk });
}

function applyPayeeSet(rows: Rows, log: Of<"PayeeSet">): void {
  const account = lower(log.args.account);
  const payee = lower(log.args.payee);
  rows.insert(accountPayees, { ...placeOf(log), account, payee });
  rows.upsert(accounts, { address: account, payee: payee === account ? null : payee });
}
