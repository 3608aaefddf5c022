import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalNode } from "#cli/devnet/world.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { choose } from "./choose.ts";
import type { FaultNetwork } from "./network.ts";
import { startRun } from "./run.ts";
import { verdict } from "./verdict.ts";

const ROUNDS = 15;
/** ms that a node runs, and is down, at most */
const LIFE_MS = 4_000;
const DOWN_MS = 3_000;

/** Kills `node` a few times in a row, sometimes while it starts, and leaves it up. */
async function killLoop(network: FaultNetwork, node: LocalNode, rng: Rng): Promise<number> {
  const kills = rng.int(1, 3);
  for (let i = 0; i < kills; i++) {
    await network.supervisor.kill(node.name);
    await sleep(rng.int(0, DOWN_MS));
    await network.supervisor.restart(node.name);
    await sleep(rng.int(0, LIFE_MS));
  }
  await network.waitUp(node);
  return kills;
}

test("nodes that are killed again and again, also several and all at once, end with one chain", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, { nodes: 6, committee: 4, epochSeconds: 30 });
  await load.start();
  let kills = 0;
  let slowest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // every fifth time all of them: no quorum is left
    const count = round % 5 === 4 ? network.nodes.length : rng.int(1, 2);
    const victims = choose(network.nodes, count, rng);
    const done = await Promise.all(
      victims.map((node) => killLoop(network, node, new Rng(rng.int(0, 2 ** 31)))),
    );
    kills += done.reduce((sum, n) => sum + n, 0);
    const ms = await network.progress();
    slowest = Math.max(slowest, ms);
    await ledger.follow(network.nodes);
  }
  t.diagnostic(`${kills} kills; all nodes had a new block ${slowest} ms after the last restart at most`);
  await verdict(t, network, { ledger, load });
});
