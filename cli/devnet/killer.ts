import { pause } from "./wait.ts";
import type { LocalNode, World } from "./world.ts";

/** ms that a killed node stays down */
const DOWN_MS = 1_500;
const LOOK_MS = 250;
const UP_TIMEOUT_MS = 60_000;

/**
 * Kills one node with SIGKILL in the middle of every epoch, a member or not as the turn comes, and starts it again.
 * Until `signal`; a node that is down by then is still started again.
 */
export async function killInTurn(world: World, nodes: LocalNode[], signal: AbortSignal): Promise<void> {
  const { supervisor, status, display, options } = world;
  const { line } = display;
  let lastEpoch = -1;
  for (let turn = 0; !signal.aborted; ) {
    await pause(LOOK_MS, signal);
    const { epoch, epochEnd } = status;
    if (epoch === undefined || epochEnd === undefined || epoch === lastEpoch) continue;
    if (epochEnd - Date.now() > options.epochSeconds * 500) continue;
    const node = nodes[turn % nodes.length];
    if (!node) return;
    lastEpoch = epoch;
    turn += 1;
    const member = status.nodes.find(({ name }) => name === node.name)?.member;
    line(`epoch ${epoch}: SIGKILL to ${node.name}${member ? ", a committee member" : ""}`);
    await supervisor.kill(node.name);
    await pause(DOWN_MS, world.signal);
    await supervisor.restart(node.name);
    await supervisor.waitUp(node.name, UP_TIMEOUT_MS);
    line(`epoch ${epoch}: ${node.name} is up again`);
  }
}
