import { desc, eq, lte } from "drizzle-orm";
import type { Reader } from "./database.ts";
import { epochs, priceChanges, starts } from "./schema.ts";

/** L2 view at the close of an epoch; undefined before. */
export async function readClosingView(db: Reader, epoch: number): Promise<number | undefined> {
  const [row] = await db.select({ view: epochs.l2Block }).from(epochs).where(eq(epochs.number, epoch));
  return row?.view ?? undefined;
}

/** L2 view whose prices and parameters are in force in an epoch; undefined before the one before it has closed. */
export async function readOpeningView(db: Reader, epoch: number): Promise<number | undefined> {
  if (epoch !== 0) return readClosingView(db, epoch - 1);
  const [row] = await db.select({ view: starts.l2Block }).from(starts);
  return row?.view;
}

/** micro-USD per 10^9 units, as last set for each service and commodity up to an L2 view. */
export function readPricesAt(
  db: Reader,
  view: number,
): Promise<Pick<typeof priceChanges.$inferSelect, "service" | "commodity" | "price">[]> {
  const { service, commodity, price, block, logIndex } = priceChanges;
  return db
    .selectDistinctOn([service, commodity], { service, commodity, price })
    .from(priceChanges)
    .where(lte(block, view))
    .orderBy(service, commodity, desc(block), desc(logIndex));
}
