import type { RunResult } from "#client/session/run.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { cliError } from "../errors.ts";

/** These are the module's doing, or the bound's: it would fare no better elsewhere, and be paid again. */
const OF_THE_MODULE = ["ERR_COMPUTE_TRAP", "ERR_COMPUTE_OUTPUT", "ERR_COMPUTE_MEMORY", "ERR_COMPUTE_TIMEOUT"];

/** One node says so of a module that it has spoiled, too: two are believed. */
const NO_MODULE = "ERR_COMPUTE_MODULE";

/** `onMs`: as RunOptions says */
export type RunAt = (nodeId: number, maxMs: number, onMs: (ms: number) => void) => Promise<RunResult>;

/**
 * What the first node gives that runs the module, of `maxMs` in all: what a node was paid for that did not finish, the next has less.
 * @throws ERR_NOT_DELIVERED when none does, or the code of the module, or of the only node
 */
export async function runInTurn(
  runAt: RunAt,
  nodes: readonly number[],
  { module, maxMs }: { module: string; maxMs: number },
): Promise<{ result: RunResult; nodeId: number }> {
  const failures: string[] = [];
  let left = maxMs;
  let last: unknown;
  let disowned = false;
  for (const nodeId of nodes) {
    if (left <= 0) break;
    let paid = 0;
    try {
      const result = await runAt(nodeId, left, (ms) => {
        paid = ms;
      });
      return { result, nodeId };
    } catch (error) {
      const code = errorCode(error);
      const believed = OF_THE_MODULE.includes(code) || (code === NO_MODULE && disowned);
      if (nodes.length === 1 || believed) throw error;
      disowned ||= code === NO_MODULE;
      last = error;
      left -= paid;
      failures.push(`node ${nodeId}: ${code}`);
    }
  }
  throw cliError("ERR_NOT_DELIVERED", `no node ran ${module} (${failures.join(", ")})`, { module }, last);
}
