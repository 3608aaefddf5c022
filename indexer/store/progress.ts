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

/** `now`: Unix ms */
export async function writeProgress(tx: Transaction, value: string, now: number): Promise<void> {
  await tx
    .insert(progress)
    .values({ id: 0, value, time: now })
    .onConflictDoUpdate({
      target: progress.id,
      set: { value: sql`excluded."value"`, time: sql`excluded."time"` },
    });
}

/** What the writer wrote last; a writer that is silent at `now` (Unix ms) is a reason of its own. */
export async function readProgress(db: Reader, now: number): Promise<Progress> {
  const [row] = await db.select().from(progress);
  if (!row) {
    const reasons = ["ERR_WRITER_SILENT: no process has indexed into this database yet: flk indexer run"];
    return { reasons, l2Finalized: -1, nodeHeight: -1, posted: {} };
  }
  const heard = JSON.parse(row.value) as Progress;
  const silent = now - row.time;
  if (silent <= SILENCE_MS) return heard;
  const reason = `ERR_WRITER_SILENT: the process that indexes was last heard ${Math.round(silent / 1000)} s ago`;
  return { ...heard, reasons: [reason, ...heard.reasons] };
}
