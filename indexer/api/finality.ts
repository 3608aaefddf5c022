import type { epochs, settlements } from "../store/schema.ts";
import type { ApiContext } from "./context.ts";

export type Finality = "COMMITTED" | "SETTLED" | "FINAL";

type Epoch = Pick<typeof epochs.$inferSelect, "number" | "verified" | "digest" | "final">;
type Settled = Pick<typeof settlements.$inferSelect, "digest" | "voided">;

/** How sure an epoch is. What is posted in a block that is not final is not in the tables: it may go again. */
export async function finalityOf(
  epoch: Epoch | undefined,
  { progress, loaders }: Pick<ApiContext, "progress" | "loaders">,
): Promise<Finality> {
  if (!epoch?.verified) return "COMMITTED";
  if (epoch.final) return finalityBy(epoch, {}, undefined);
  const { posted } = await progress();
  const known = finalityBy(epoch, posted, undefined);
  return known === "COMMITTED" ? finalityBy(epoch, posted, await loaders.settlement(epoch.number)) : known;
}

/** By digests `posted` in blocks that are not final, by epoch, and the settlement in the tables, if it has one. */
export function finalityBy(
  { number, verified, digest, final }: Epoch,
  posted: Readonly<Record<number, string>>,
  settlement: Settled | undefined,
): Finality {
  if (!verified || digest === null) return "COMMITTED";
  if (final) return "FINAL";
  const settled = settlement?.digest === digest && !settlement.voided;
  return settled || posted[number] === digest ? "SETTLED" : "COMMITTED";
}
