import { eq, sql } from "drizzle-orm";
import { COMMODITY } from "#protocol/types/ack.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { EpochReport, NodeReport } from "#protocol/types/settlement.ts";
import type { EpochProblem } from "../errors.ts";
import type { Transaction } from "../store/database.ts";
import { ensureAccounts, ROLE, Rows } from "../store/rows.ts";
import { accountEpochs, deliveries, epochGrants, epochs, nodeEpochs, nodeWork } from "../store/schema.ts";
import { refreshFigures } from "./node-figures.ts";
import { promoteSettled } from "./settled.ts";

/** Writes a report that passed every check, and what it makes final. Gives what else does not agree. */
export async function applyReport(tx: Transaction, report: EpochReport): Promise<EpochProblem | undefined> {
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
      bytes: unitsOf(report.nodes, COMMODITY.bandwidth),
      ms: unitsOf(report.nodes, COMMODITY.compute),
      revenue: report.revenue,
      flkScheduled: report.flkScheduled,
      flkMinted: report.flkMinted,
      treasury: report.treasury,
      buyback: report.buyback,
    })
    .where(eq(epochs.number, report.epoch));
  const rows = new Rows(tx);
  writePayouts(rows, report);
  await writeNodes(rows, report);
  await writeGrants(rows, report);
  await rows.flush();
  await refreshFigures(
    tx,
    sql`SELECT "node" AS "id" FROM ${nodeEpochs} WHERE "epoch" = ${report.epoch}::integer`,
  );
  const problem = (await isSameWork(tx, report.epoch)) ? undefined : "ERR_DELIVERIES";
  if (problem) await tx.update(epochs).set({ problem }).where(eq(epochs.number, report.epoch));
  const disagreeing = await promoteSettled(tx);
  return disagreeing.includes(report.epoch) ? "ERR_SETTLEMENT_DIGEST" : problem;
}

/** Whether what the epoch's blocks were told to have paid adds up to the work that its report counts. */
async function isSameWork(tx: Transaction, epoch: number): Promise<boolean> {
  const { rows } = await tx.execute(sql`
    SELECT 1 FROM (
      SELECT "node", "service", "commodity", "units", "deliveries", "lanes", "revenue"
      FROM ${nodeWork} WHERE "epoch" = ${epoch}::integer
      UNION ALL
      SELECT "node", "service", "commodity", -"units", -"deliveries", -"lanes", -"revenue"
      FROM ${deliveries} WHERE "epoch" = ${epoch}::integer
    ) x GROUP BY "node", "service", "commodity"
    HAVING sum("units") <> 0 OR sum("deliveries") <> 0 OR sum("lanes") <> 0 OR sum("revenue") <> 0 LIMIT 1`);
  return rows.length === 0;
}

/** Keeps an epoch from being served as settled, and says why. */
export async function markProblem(tx: Transaction, epoch: number, problem: EpochProblem): Promise<void> {
  await tx.update(epochs).set({ verified: false, problem }).where(eq(epochs.number, epoch));
}

function writePayouts(rows: Rows, report: EpochReport): void {
  const { epoch } = report;
  for (const { account: raw, stable, flk } of report.payouts) {
    const account = toHex(raw);
    ensureAccounts(rows, [account]);
    rows.upsert(accountEpochs, { epoch, account, payoutStable: stable, payoutFlk: flk });
  }
  ensureAccounts(
    rows,
    report.services.map((service) => toHex(service.owner)),
    ROLE.serviceOwner,
  );
}

async function writeNodes(rows: Rows, report: EpochReport): Promise<void> {
  const { epoch } = report;
  const committee = new Set(report.committee);
  const tx = await rows.flush();
  await tx.delete(nodeEpochs).where(eq(nodeEpochs.epoch, epoch));
  await tx.delete(nodeWork).where(eq(nodeWork.epoch, epoch));
  for (const node of report.nodes) {
    rows.insert(nodeEpochs, nodeRow(epoch, node, committee.has(node.node)));
    for (const work of node.work) rows.insert(nodeWork, { epoch, node: node.node, ...work });
  }
}

/** An epoch is granted once: a later report never names it again. */
async function writeGrants(rows: Rows, report: EpochReport): Promise<void> {
  const tx = await rows.flush();
  await tx.delete(epochGrants).where(eq(epochGrants.grantedBy, report.epoch));
  const granted = report.grants.map((grant) => ({ ...grant, grantedBy: report.epoch }));
  if (granted.length > 0) await tx.insert(epochGrants).values(granted).onConflictDoNothing();
}

function unitsOf(of: readonly NodeReport[], commodity: number): bigint {
  return of
    .flatMap(({ work }) => work.filter((item) => item.commodity === commodity))
    .reduce((sum, { units }) => sum + units, 0n);
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
