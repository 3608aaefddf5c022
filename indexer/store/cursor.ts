import { eq, sql } from "drizzle-orm";
import type { Reader, Transaction } from "./database.ts";
import { cursors } from "./schema.ts";

export type Cursor = Omit<typeof cursors.$inferSelect, "id">;

export async function readCursor(db: Reader): Promise<Cursor> {
  const [row] = await db.select().from(cursors);
  if (!row) throw new Error("the cursor row is missing");
  return row;
}

/** Begins every write: raises the revision, which keeps other writers out until it ends. Gives the writer's token. */
export async function beginWrite(tx: Transaction): Promise<string | null> {
  const [row] = await tx
    .update(cursors)
    .set({ revision: sql`${cursors.revision} + 1` })
    .where(eq(cursors.id, 0))
    .returning({ writer: cursors.writer });
  return row?.writer ?? null;
}

export async function writeCursor(tx: Transaction, change: Partial<Cursor>): Promise<void> {
  await tx.update(cursors).set(change).where(eq(cursors.id, 0));
}
