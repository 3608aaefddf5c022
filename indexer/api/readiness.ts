import { readDisagreements } from "../store/agreement.ts";
import type { ApiSource } from "./context.ts";

/** Why not all is in, or does not agree: codes with words, empty when ready. */
export async function notReady({ db, progress }: Pick<ApiSource, "db" | "progress">): Promise<string[]> {
  const { reasons } = await progress();
  return [...reasons, ...(await readDisagreements(db))];
}
