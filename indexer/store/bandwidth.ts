import { type SQL, sql } from "drizzle-orm";
import { COMMODITY } from "#protocol/types/ack.ts";
import { nodeWork } from "./schema.ts";

/** Bandwidth of a node in an epoch, bytes: what `nodes.units` is. */
export function bandwidthOf(node: SQL, epoch: SQL): SQL {
  return sql`coalesce((SELECT sum(w."units") FROM ${nodeWork} w
    WHERE w."epoch" = ${epoch} AND w."node" = ${node} AND w."commodity" = ${COMMODITY.bandwidth}::integer), 0)`;
}
