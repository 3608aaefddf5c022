import type { Ledger } from "./ledger.ts";
import type { Peer, Watched } from "./watched.ts";

/** Longer than members wait for a leader, several times. */
const LEAST_MS = 3_000;
const LED_MS = 90_000;

/**
 * SIGSTOP to a member until the others have ordered past a round that it led: an anchor is missing, and nobody else may be at fault
 * meanwhile. Then SIGCONT; resolves when all nodes have a new block.
 */
export async function pauseAsLeader(
  network: Watched,
  ledger: Ledger,
  { node, pid }: { node: Peer; pid: number },
): Promise<{ pausedMs: number; resumedMs: number }> {
  const others = network.nodes.filter((other) => other !== node);
  await ledger.follow(network.nodes);
  const from = ledger.blocks.length;
  const began = Date.now();
  const skipped = async (): Promise<true | undefined> => {
    await ledger.follow(others);
    return Date.now() - began >= LEAST_MS && hasSkipped(ledger, from) ? true : undefined;
  };
  await whileStopped(pid, () => network.until(`a round of ${node.name} is skipped`, skipped, LED_MS));
  return { pausedMs: Date.now() - began, resumedMs: await network.progress() };
}

/** The process stands still until the action is over. */
export async function whileStopped(pid: number, action: () => Promise<unknown>): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await action();
  } finally {
    goOn(pid);
  }
}

/** SIGCONT, unless the process is gone. */
function goOn(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function hasSkipped({ blocks }: Ledger, from: number): boolean {
  return blocks.slice(from).some((block, i) => {
    const before = blocks[from + i - 1];
    return before?.epoch === block.epoch && block.anchorRound > before.anchorRound + 2;
  });
}
