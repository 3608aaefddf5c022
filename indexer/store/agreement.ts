import { and, asc, count, desc, eq, isNotNull, isNull, min, sql } from "drizzle-orm";
import type { Reader } from "./database.ts";
import { contractEvents, epochs, interruptions, settlements } from "./schema.ts";

/** Reasons given at once. */
const LIMIT = 10;

/** What the L2 and the chain do not agree on now, each as "epoch N: CODE…"; empty when all that is settled is verified here. */
export async function readDisagreements(db: Reader): Promise<string[]> {
  const problems = await db
    .select({ epoch: epochs.number, code: epochs.problem })
    .from(epochs)
    .where(and(isNotNull(epochs.problem), eq(epochs.verified, false)))
    .orderBy(desc(epochs.number))
    .limit(LIMIT);
  const pending = await db
    .select({ epoch: settlements.epoch })
    .from(settlements)
    .where(
      sql`NOT ${settlements.voided} AND NOT EXISTS (SELECT 1 FROM ${epochs} WHERE ${epochs.number} = ${settlements.epoch}
        AND (${epochs.verified} OR ${epochs.problem} IS NOT NULL))`,
    )
    .orderBy(asc(settlements.epoch))
    .limit(LIMIT);
  const [interruption] = await db
    .select()
    .from(interruptions)
    .orderBy(desc(interruptions.block), desc(interruptions.logIndex))
    .limit(1);
  const unknown = await db
    .select({ contract: contractEvents.contract, block: min(contractEvents.block) })
    .from(contractEvents)
    .where(isNull(contractEvents.name))
    .groupBy(contractEvents.contract);
  return [
    ...unknown.map(
      ({ contract, block }) =>
        `ERR_L2_EVENT: ${contract} has said things since L2 block ${block} that this version does not know: update flk`,
    ),
    ...(interruption ? [interrupted(interruption)] : []),
    ...problems.map(({ epoch, code }) => `epoch ${epoch}: ${code}`),
    ...pending.map(
      ({ epoch }) =>
        `epoch ${epoch}: ERR_NODE_BEHIND: settled on the L2, not shown by the node or not checked yet`,
    ),
  ];
}

/** Epochs by what does not agree of them, also of those that are verified all the same; codes of none are left out. */
export async function countProblems(db: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .select({ code: sql<string>`${epochs.problem}`, epochs: count() })
    .from(epochs)
    .where(isNotNull(epochs.problem))
    .groupBy(epochs.problem);
  return new Map(rows.map((row) => [row.code, row.epochs]));
}

function interrupted({ kind, block, activeEpochs, resumeEpoch }: typeof interruptions.$inferSelect): string {
  const last = activeEpochs === 0 ? "the start" : `epoch ${activeEpochs - 1}`;
  const what =
    kind === "FROZEN" ? `accounts escape against ${last}` : `epoch ${resumeEpoch} goes on from ${last}`;
  return `ERR_L2_RESTART: ${kind} on the L2 in block ${block}: ${what}; what came after it does not count`;
}
