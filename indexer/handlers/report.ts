import { and, eq, isNull, lt, or, sql } from "drizzle-orm";
import { toHex } from "#protocol/types/hex.ts";
import type { EpochReport, NodeReport } from "#protocol/types/settlement.ts";
import type { EpochProblem } from "../errors.ts";
import type { Transaction } from "../store/database.ts";
import { chunks, ensureAccounts, ROLE } from "../store/rows.ts";
import { accountEpochs, epochGrants, epochs, nodeEpochs, nodes, nodeWork } from "../store/schema.ts";
import { promoteSettled } from "./settled.ts";

/** Writes a report that passed every check, and what it makes final. */
export async function applyReport(tx: Transaction, report: EpochReport): Promise<void> {
  await tx
    .update(epochs)
    .set({
      verified: true,
      problem: null,
      openTime: report.openTime,
      blocks: report.blocks,
      transactions: report.transactions,
      lanes: report.lanes,
      deliveries: report.deliveries,
      units: report.units,
      revenue: report.revenue,
      flkScheduled: report.flkScheduled,
      flkMinted: report.flkMinted,
      treasury: report.treasury,
      buyback: report.buyback,
    })
    .where(eq(epochs.number, report.epoch));
  await writePayouts(tx, report);
  await writeNodes(tx, report);
  await writeGrants(tx, report);
  await promoteSettled(tx);
}

/** Keeps an epoch from being served as settled, and says why. */
export async function markProblem(tx: Transaction, epoch: number, problem: EpochProblem): Promise<void> {
  await tx.update(epochs).set({ verified: false, problem }).where(eq(epochs.number, epoch));
}

async function writePayouts(tx: Transaction, report: EpochReport): Promise<void> {
  const rows = report.payouts.map(({ account, stable, flk }) => ({
    epoch: report.epoch,
    account: toHex(account),
    payoutStable: stable,
    payoutFlk: flk,
  }));
  await ensureAccounts(
    tx,
    rows.map((row) => row.account),
  );
  await ensureAccounts(
    tx,
    report.services.map((service) => toHex(service.owner)),
    ROLE.serviceOwner,
  );
  for (const chunk of chunks(rows)) {
    await tx
      .insert(accountEpochs)
      .values(chunk)
      .onConflictDoUpdate({
        target: [accountEpochs.epoch, accountEpochs.account],
        set: { payoutStable: sql`excluded."payoutStable"`, payoutFlk: sql`excluded."payoutFlk"` },
      });
  }
}

async function writeNodes(tx: Transaction, report: EpochReport): Promise<void> {
  const { epoch } = report;
  const committee = new Set(report.committee);
  await tx.delete(nodeEpochs).where(eq(nodeEpochs.epoch, epoch));
  await tx.delete(nodeWork).where(eq(nodeWork.epoch, epoch));
  const rows = report.nodes.map((node) => nodeRow(epoch, node, committee.has(node.node)));
  for (const chunk of chunks(rows)) await tx.insert(nodeEpochs).values(chunk);
  const work = report.nodes.flatMap((node) => node.work.map((item) => ({ epoch, node: node.node, ...item })));
  for (const chunk of chunks(work)) await tx.insert(nodeWork).values(chunk);
  for (const { node, reputation } of report.nodes) {
    await tx
      .update(nodes)
      .set({ reputation, reputationEpoch: epoch })
      .where(and(eq(nodes.id, node), or(isNull(nodes.reputationEpoch), lt(nodes.reputationEpoch, epoch))));
  }
}

/** An epoch is granted once: a later report never names it again. */
async function writeGrants(tx: Transaction, report: EpochReport): Promise<void> {
  await tx.delete(epochGrants).where(eq(epochGrants.grantedBy, report.epoch));
  const rows = report.grants.map((granted) => ({ ...granted, grantedBy: report.epoch }));
  for (const chunk of chunks(rows)) await tx.insert(epochGrants).values(chunk).onConflictDoNothing();
}

function nodeRow(epoch: number, node: NodeReport, inCommittee: boolean): typeof nodeEpochs.$inferInsert {
  const { out, ...standing } = node.standing;
  return {
    ...standing,
    outByFloor: out === 1,
    epoch,
    node: node.node,
    owner: toHex(node.owner),
    stake: node.stake,
    optedIn: node.optedIn === 1,
    reputation: node.reputation,
    revenue: node.revenue,
    rewardStable: node.rewardStable,
    buyback: node.buyback,
    scheduledFlk: node.scheduledFlk,
    rewardFlk: node.rewardFlk,
    inCommittee,
  };
}
