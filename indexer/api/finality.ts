import type { epochs } from "../store/schema.ts";
import type { ApiContext } from "./context.ts";

export type Finality = "COMMITTED" | "SETTLED" | "FINAL";

/** How sure an epoch is. What is posted and not final is known from memory only: it may go again. */
export function finalityOf(epoch: typeof epochs.$inferSelect | undefined, { source }: ApiContext): Finality {
  if (!epoch?.verified) return "COMMITTED";
  if (epoch.final) return "FINAL";
  return epoch.digest !== null && source.posted().get(epoch.number) === epoch.digest
    ? "SETTLED"
    : "COMMITTED";
}
