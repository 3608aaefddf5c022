import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalNode } from "#cli/devnet/world.ts";
import { flood } from "./flood.ts";
import { metrics } from "./metrics.ts";
import type { FaultNetwork } from "./network.ts";
import { startRun } from "./run.ts";
import { verdict } from "./verdict.ts";

/** Blocks while the flood goes on. */
const BLOCKS = 60;
const BLOCKS_MS = 240_000;
/** A member that is gone costs the others a wait for each round it leads: that much slower at most. */
const SLOWER = 4;

/** Of honest peers some requests are refused, too: those that come while an epoch changes. */
const MOST_OTHERS = 0.05;

/** Its counters tell whose the garbage is. */
async function assertBlames(network: FaultNetwork, node: LocalNode, flooder: number): Promise<string> {
  const peer = String(flooder);
  const sum = await metrics(network, node);
  const failed = sum("flk_network_blame_total", { peer, reason: "handler_failed" });
  assert.ok(failed > 100, `${node.name} blames the flooder: ${failed}`);
  const others = sum("flk_network_blame_total", { reason: "handler_failed" }) - failed;
  assert.ok(
    others < MOST_OTHERS * failed,
    `${node.name} blames others ${others} times, the flooder ${failed} times`,
  );
  const malformed = sum("flk_rejected_messages_total", { peer, reason: "ERR_DECODE" });
  assert.ok(malformed > 0, `${node.name} counts what does not parse`);
  const all = sum("flk_rejected_messages_total", { reason: "ERR_DECODE" });
  assert.equal(all, malformed, `${node.name} got garbage from nobody else`);
  const limited = sum("flk_network_limited_total", { peer });
  return `${failed} messages and requests of garbage, ${malformed} do not parse, slowed down ${limited} times`;
}

async function msPerBlock(
  network: FaultNetwork,
  nodes: readonly LocalNode[],
  blocks: number,
): Promise<number> {
  return (await network.progress(nodes, { blocks, withinMs: BLOCKS_MS })) / blocks;
}

test("garbage from a member with a valid key is dropped and counted for it, and the others go on", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, { nodes: 6, committee: 4, epochSeconds: 40 });
  const [node] = await network.members();
  if (!node) throw new Error("no member");
  const others = network.nodes.filter((other) => other !== node);
  await load.start(others);
  const calm = await msPerBlock(network, network.nodes, 20);
  await network.supervisor.kill(node.name);
  const end = await flood(t, network, node, rng.int(0, 2 ** 31));
  const flooded = await msPerBlock(network, others, BLOCKS);
  await ledger.follow(others);
  for (const other of others) {
    t.diagnostic(`${other.name}: ${await assertBlames(network, other, node.nodeId)}`);
  }
  t.diagnostic(`${Math.round(calm)} ms per block before the flood, ${Math.round(flooded)} ms in it`);
  assert.ok(flooded < SLOWER * calm, `${flooded} ms per block`);
  await end();
  await network.restart(node);
  t.diagnostic(`the flooder's own node was back after ${await network.progress()} ms`);
  await verdict(t, network, { ledger, load });
});
