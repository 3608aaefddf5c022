import { eq } from "drizzle-orm";
import type { Reader, Transaction } from "./database.ts";
import { cursors } from "./schema.ts";

export type Cursor = Omit<typeof cursors.$inferSelect, "id">;

export async function readCursor(db: Reader): Promise<Cursor> {
  const [row] = await db.select().from(cursors);
  if (!row) throw new Error("the cursor row is missing");
  return row;
}

export async function writeCursor(tx: Transaction, change: Partial<Cursor>): Promise<void> {
  await tx.update(cursors).set(change).where(eq(cursors.id, 0));
}
