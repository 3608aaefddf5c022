import { asc, desc, isNotNull, sql } from "drizzle-orm";
import type { Reader } from "./database.ts";
import { epochs, settlements } from "./schema.ts";

/** Reasons given at once. */
const LIMIT = 10;

/** What the L2 and the chain do not agree on now, each as "epoch N: CODE…"; empty when all that is settled is final here. */
export async function readDisagreements(db: Reader): Promise<string[]> {
  const problems = await db
    .select({ epoch: epochs.number, code: epochs.problem })
    .from(epochs)
    .where(isNotNull(epochs.problem))
    .orderBy(desc(epochs.number))
    .limit(LIMIT);
  const pending = await db
    .select({ epoch: settlements.epoch })
    .from(settlements)
    .where(
      sql`NOT EXISTS (SELECT 1 FROM ${epochs} WHERE ${epochs.number} = ${settlements.epoch}
        AND (${epochs.final} OR ${epochs.problem} IS NOT NULL))`,
    )
    .orderBy(asc(settlements.epoch))
    .limit(LIMIT);
  return [
    ...problems.map(({ epoch, code }) => `epoch ${epoch}: ${code}`),
    ...pending.map(
      ({ epoch }) =>
        `epoch ${epoch}: ERR_NODE_BEHIND: settled on the L2, not shown by the node or not checked yet`,
    ),
  ];
}
