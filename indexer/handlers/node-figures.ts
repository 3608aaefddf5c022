import { type SQL, sql } from "drizzle-orm";
import { bandwidthOf } from "../store/bandwidth.ts";
import type { Transaction } from "../store/database.ts";
import { nodeEpochs, nodes } from "../store/schema.ts";

/** Gives nodes what they are listed by: of the newest epoch in `node_epochs` that each is in; none when it is in none. */
export async function refreshFigures(tx: Transaction, ids: SQL): Promise<void> {
  await tx.execute(sql`
    UPDATE ${nodes} SET "reputation" = e."reputation", "reputationEpoch" = e."epoch",
      "orderedReputation" = coalesce(e."reputation", -1), "units" = ${bandwidthOf(sql`k."id"`, sql`e."epoch"`)},
      "rewardStable" = coalesce(e."rewardStable", 0), "rewardFlk" = coalesce(e."rewardFlk", 0)
    FROM (${ids}) k LEFT JOIN LATERAL (
      SELECT * FROM ${nodeEpochs} x WHERE x."node" = k."id" ORDER BY x."epoch" DESC LIMIT 1
    ) e ON true
    WHERE ${nodes.id} = k."id"`);
}
