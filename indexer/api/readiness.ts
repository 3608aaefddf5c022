import { readDisagreements } from "../store/agreement.ts";
import { type Cursor, readCursor } from "../store/cursor.ts";
import type { Progress } from "../store/progress.ts";
import type { ApiSource } from "./context.ts";

type Watched = Pick<ApiSource, "db" | "progress">;

/** Blocks that a source has, as last heard, and the index has not; null until that source has answered. Beside a reason that names the source they stand still. */
export interface Lag {
  /** of the node */
  lag: number | null;
  /** of the L2, up to its newest final one */
  l2Lag: number | null;
}

/** What /ready answers. */
export interface Readiness extends Lag {
  ready: boolean;
  /** see notReady */
  reasons: string[];
}

export function lagOf(
  { height, l2Block }: Pick<Cursor, "height" | "l2Block">,
  { nodeHeight, l2Finalized }: Pick<Progress, "nodeHeight" | "l2Finalized">,
): Lag {
  return { lag: behind(nodeHeight, height), l2Lag: behind(l2Finalized, l2Block) };
}

function behind(newest: number, indexed: number): number | null {
  return newest < 0 ? null : Math.max(0, newest - indexed);
}

/** Why not all is in, or does not agree: codes with words, empty when ready. */
export async function notReady({ db, progress }: Watched): Promise<string[]> {
  const { reasons } = await progress();
  return [...reasons, ...(await readDisagreements(db))];
}

export async function readReadiness({ db, progress }: Watched): Promise<Readiness> {
  const heard = await progress();
  const reasons = await notReady({ db, progress: async () => heard });
  return { ready: reasons.length === 0, reasons, ...lagOf(await readCursor(db), heard) };
}
