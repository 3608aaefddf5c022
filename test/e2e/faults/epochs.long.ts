import assert from "node:assert/strict";
import { test } from "node:test";
import { keepClaiming } from "#cli/devnet/keeper.ts";
import { chooseOne } from "./choose.ts";
import type { FaultNetwork } from "./network.ts";
import { startRun } from "./run.ts";
import { verdict } from "./verdict.ts";

const EPOCHS = 20;
const EPOCH_SECONDS = 15;
/** An epoch, with the way into the next one. */
const EPOCH_MS = 4 * EPOCH_SECONDS * 1_000;

/** Waits for the epoch, on all nodes; its committee. */
async function entered(network: FaultNetwork, epoch: number): Promise<number[]> {
  const committees = new Set<string>();
  const all = async (): Promise<true | undefined> => {
    committees.clear();
    for (const node of network.nodes) {
      const info = await network.epochInfo(node);
      if (info.epoch < epoch) return undefined;
      if (info.epoch === epoch) committees.add(info.committee.join());
    }
    return true;
  };
  await network.until(`epoch ${epoch} on all nodes`, all, EPOCH_MS);
  assert.ok(committees.size <= 1, `one committee of epoch ${epoch}: ${[...committees].join(" or ")}`);
  return [...committees].flatMap((text) => text.split(",").map(Number));
}

test("20 epochs of 15 s: each has another committee and is settled on the L2, with a node killed in each", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, {
    nodes: 8,
    committee: 4,
    epochSeconds: EPOCH_SECONDS,
  });
  await load.start();
  // it ends with the network; whether it got on is seen below
  keepClaiming(network.world, network.cast, network.world.signal).catch(() => undefined);
  let changes = 0;
  let before: number[] = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const committee = await entered(network, epoch);
    if (before.length > 0 && committee.length > 0) {
      assert.notDeepEqual(committee, before, `epoch ${epoch} has the committee of the one before`);
      changes++;
    }
    before = committee;
    const victim = chooseOne(network.nodes, rng);
    await network.supervisor.kill(victim.name);
    await network.restart(victim);
    await network.progress();
    await ledger.follow(network.nodes);
  }
  assert.ok(changes >= EPOCHS / 2, `a change of committee was seen in ${changes} of ${EPOCHS} epochs`);
  await entered(network, EPOCHS);
  const { status } = network.world;
  await network.until(
    `epoch ${EPOCHS - 1} active on the L2`,
    async () => (status.activeUpTo >= EPOCHS - 1 ? true : undefined),
    EPOCH_MS,
  );
  assert.deepEqual(
    status.posted.map(({ epoch }) => epoch),
    Array.from({ length: status.posted.length }, (_, epoch) => epoch),
  );
  t.diagnostic(`${EPOCHS} epochs, ${changes} committees seen that differ from the one before`);
  await verdict(t, network, { ledger, load });
});
