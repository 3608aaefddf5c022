import { sql } from "drizzle-orm";
import type { Reader, Transaction } from "./database.ts";
import { progress } from "./schema.ts";

/** How far the sources are, as the process that follows them hears it. */
export interface Progress {
  /** why not all of it is in: codes with words */
  reasons: string[];
  /** newest finalized L2 block as last heard, -1 before */
  l2Finalized: number;
  /** newest height of the node as last heard, -1 before */
  nodeHeight: number;
  /** digests of settlements that are posted and not finalized, by epoch */
  posted: Readonly<Record<number, string>>;
}

/** ms after which a silent writer counts as gone; it writes at least once in HEARTBEAT_MS */
const SILENCE_MS = 15_000;
export const HEARTBEAT_MS = 5_000;

/** Unix ms of the database: clocks of several machines do not agree. */
const NOW = sql<number>`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`;

export async function writeProgress(tx: Transaction, value: string): Promise<void> {
  await tx
    .insert(progress)
    .values({ id: 0, value, time: NOW })
    .onConflictDoUpdate({
      target: progress.id,
      set: { value: sql`excluded."value"`, time: sql`excluded."time"` },
    });
}

/** What the writer wrote last. One that is silent is a reason of its own, and what it saw unfinished is gone. */
export async function readProgress(db: Reader): Promise<Progress> {
  const [row] = await db
    .select({ value: progress.value, silent: sql`${NOW} - ${progress.time}`.mapWith(Number) })
    .from(progress);
  if (!row) {
    const reasons = ["ERR_WRITER_SILENT: no process has indexed into this database yet: flk indexer run"];
    return { reasons, l2Finalized: -1, nodeHeight: -1, posted: {} };
  }
  const heard = JSON.parse(row.value) as Progress;
  if (row.silent <= SILENCE_MS) return heard;
  const seconds = Math.round(row.silent / 1000);
  const reason = `ERR_WRITER_SILENT: the process that indexes was last heard ${seconds} s ago`;
  return { ...heard, posted: {}, reasons: [reason, ...heard.reasons] };
}
