import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalNode } from "#cli/devnet/world.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { chooseOne } from "./choose.ts";
import { metrics } from "./metrics.ts";
import type { FaultNetwork } from "./network.ts";
import { pauseAsLeader, whileStopped } from "./pause.ts";
import { startRun } from "./run.ts";
import { verdict } from "./verdict.ts";

const PAUSES = 8;
/** The others end the connection after 35 s of silence. */
const SILENT_MS = 60_000;

async function aMember(network: FaultNetwork, rng: Rng, not: LocalNode | undefined): Promise<LocalNode> {
  const members = await network.members();
  return chooseOne(
    members.filter((node) => node !== not),
    rng,
  );
}

/** Until all others have given up the connection to it. */
async function pauseUntilSilent(network: FaultNetwork, node: LocalNode): Promise<number> {
  const others = network.nodes.filter((other) => other !== node);
  const labels = { peer: String(node.nodeId), reason: "silent" };
  const given = async (): Promise<true | undefined> => {
    const sums = await Promise.all(others.map((other) => metrics(network, other)));
    return sums.every((sum) => sum("flk_network_blame_total", labels) > 0) ? true : undefined;
  };
  await whileStopped(network.pid(node), async () => {
    await network.until(`nobody waits for ${node.name} any more`, given, SILENT_MS);
    await network.progress(others);
  });
  return network.progress();
}

test("a member that stands still while it leads is skipped, and catches up when it goes on", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, { nodes: 6, committee: 4, epochSeconds: 60 });
  await load.start();
  let node: LocalNode | undefined;
  const resumed: number[] = [];
  for (let turn = 0; turn < PAUSES; turn++) {
    node = await aMember(network, rng, node);
    const { pausedMs, resumedMs } = await pauseAsLeader(network, ledger, { node, pid: network.pid(node) });
    t.diagnostic(`${node.name} stood still for ${pausedMs} ms, a new block on all ${resumedMs} ms later`);
    resumed.push(resumedMs);
  }
  const silent = await aMember(network, rng, node);
  t.diagnostic(
    `${silent.name}, whom all had given up, had a new block after ${await pauseUntilSilent(network, silent)} ms`,
  );
  assert.equal(resumed.length, PAUSES);
  await verdict(t, network, { ledger, load });
});
