import { and, between, eq } from "drizzle-orm";
import { type Hex, isAddressEqual } from "viem";
import type { Rows } from "../store/rows.ts";
import { accounts, claims, interruptions, settlements, starts } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";

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
      return update(rows, Number(epoch), active);
    }
    case "Held":
      return update(rows, Number(log.args.epoch), { holds: log.args.reasons });
    case "Released":
      return update(rows, Number(log.args.epoch), { holds: 0 });
    case "Voided": {
      const { firstEpoch, lastEpoch } = log.args;
      return update(rows, [Number(firstEpoch), Number(lastEpoch)], { voided: true });
    }
    case "Frozen":
    case "Restart":
      return applyInterruption(rows, log);
    case "Claimed":
      return applyClaimed(rows, log);
    case "PayeeSet":
      return applyPayeeSet(rows, log);
    default:
      return;
  }
}

/** Of one epoch or of a range; what is voided stays as it was. */
async function update(
  rows: Rows,
  epoch: number | [first: number, last: number],
  values: Partial<typeof settlements.$inferInsert>,
): Promise<void> {
  const [first, last] = typeof epoch === "number" ? [epoch, epoch] : epoch;
  const tx = await rows.flush();
  const range = and(between(settlements.epoch, first, last), eq(settlements.voided, false));
  await tx.update(settlements).set(values).where(range);
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
  rows.insert(settlements, {
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

function applyInterruption(rows: Rows, log: Of<"Frozen"> | Of<"Restart">): void {
  const { block, logIndex, txHash, args } = log;
  rows.insert(interruptions, {
    block,
    logIndex,
    txHash,
    kind: log.eventName === "Frozen" ? "FROZEN" : "RESTARTED",
    activeEpochs: Number(args.activeEpochs),
    resumeEpoch: log.eventName === "Restart" ? Number(log.args.resumeEpoch) : null,
  });
}

function applyClaimed(rows: Rows, log: Of<"Claimed">): void {
  const { args, block, logIndex, txHash } = log;
  const account = lower(args.account);
  const payee = lower(args.payee);
  const { stablePaid: stable, flkPaid: flk, cumulativeStable, cumulativeFlk } = args;
  const claim = { block, logIndex, txHash, account, payee, stable, flk, cumulativeStable, cumulativeFlk };
  rows.insert(claims, claim);
  rows.upsert(accounts, { address: account, claimedStable: cumulativeStable, claimedFlk: cumulativeFlk });
}

function applyPayeeSet(rows: Rows, { args }: Of<"PayeeSet">): void {
  const payee = isAddressEqual(args.payee, args.account) ? null : lower(args.payee);
  rows.upsert(accounts, { address: lower(args.account), payee });
}
