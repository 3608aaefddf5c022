import type { epochs } from "../store/schema.ts";
import type { ApiContext } from "./context.ts";

export type Finality = "COMMITTED" | "SETTLED" | "FINAL";

/** How sure an epoch is. What is posted in a block that is not final is not in the tables: it may go again. */
export async function finalityOf(
  epoch: typeof epochs.$inferSelect | undefined,
  { progress, loaders }: ApiContext,
): Promise<Finality> {
  if (!epoch?.verified || epoch.digest === null) return "COMMITTED";
  if (epoch.final) return "FINAL";
  if ((await progress()).posted[epoch.number] === epoch.digest) return "SETTLED";
  const settlement = await loaders.settlement(epoch.number);
  return settlement?.digest === epoch.digest && !settlement.voided ? "SETTLED" : "COMMITTED";
}
