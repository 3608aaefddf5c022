import type { Status } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";
import { pause } from "./wait.ts";
import type { LocalNode } from "./world.ts";

/** ms that a killed node stays down */
const DOWN_MS = 1_500;
const LOOK_MS = 250;
const UP_TIMEOUT_MS = 60_000;

/**
 * Kills one node with SIGKILL in the middle of every epoch, a member or not as the turn comes, and starts it again.
 * Epochs already killed in are remembered, so that one epoch sees one kill.
 */
export async function killInTurn(
  nodes: LocalNode[],
  supervisor: Supervisor,
  status: Status,
  options: { epochMs: number; signal: AbortSignal; line: (text: string) => void },
): Promise<void> {
  const { signal, line } = options;
  let lastEpoch = -1;
  for (let turn = 0; !signal.aborted; ) {
    await pause(LOOK_MS, signal);
    const { epoch, epochEnd } = status;
    if (epoch === undefined || epochEnd === undefined || epoch === lastEpoch) continue;
    if (epochEnd - Date.now() > options.epochMs / 2) continue;
    const node = nodes[turn % nodes.length];
    if (!node) return;
    lastEpoch = epoch;
    turn += 1;
    const member = status.nodes.find(({ name }) => name === node.name)?.member;
    line(`epoch ${epoch}: SIGKILL to ${node.name}${member ? ", a committee member" : ""}`);
    await supervisor.kill(node.name);
    await pause(DOWN_MS, signal);
    await supervisor.restart(node.name);
    await supervisor.waitUp(node.name, UP_TIMEOUT_MS);
    line(`epoch ${epoch}: ${node.name} is up again`);
  }
}
