import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalNode } from "#cli/devnet/world.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { choose, chooseOne } from "./choose.ts";
import type { FaultNetwork } from "./network.ts";
import type { Cut } from "./proxies.ts";
import { startRun } from "./run.ts";
import { settled, split } from "./split.ts";
import { verdict } from "./verdict.ts";

/** Of each kind with each cut. */
const TURNS = 2;
const EPOCHS_AWAY = 3;
/** What the side with a quorum orders while the network is split. */
const BLOCKS = 20;

const names = (nodes: readonly LocalNode[]): string[] => nodes.map(({ name }) => name);

async function withQuorum(network: FaultNetwork, cut: Cut, rng: Rng): Promise<number> {
  const { majority, minority } = await split(network, (members) => choose(members, 1, rng));
  network.proxies.partition([names(majority), names(minority)], cut);
  await settled(network, minority);
  const before = await network.height(minority);
  await network.progress(majority, { blocks: BLOCKS, withinMs: 60_000 });
  assert.equal(await network.height(minority), before, "a minority that is cut off orders nothing");
  network.proxies.heal();
  return network.progress();
}

async function withoutQuorum(network: FaultNetwork, cut: Cut, rng: Rng): Promise<number> {
  const { majority: one, minority: other } = await split(network, (members) => choose(members, 2, rng));
  network.proxies.partition([names(one), names(other)], cut);
  await settled(network, network.nodes);
  network.proxies.heal();
  return network.progress();
}

test("the side with a quorum goes on, a side without one orders nothing, and both have one chain when the partition heals", async (t) => {
  // a committee that is drawn while the network is split may have its quorum on neither side
  const { rng, network, ledger, load } = await startRun(t, { nodes: 7, committee: 4, epochSeconds: 1_200 });
  await load.start();
  const resumed: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const cut of ["reset", "silent"] as const) {
      resumed.push(await withQuorum(network, cut, rng));
      resumed.push(await withoutQuorum(network, cut, rng));
      await ledger.follow(network.nodes);
    }
  }
  t.diagnostic(
    `${resumed.length} partitions; a new block on all nodes ${Math.max(...resumed)} ms after healing at most`,
  );
  await verdict(t, network, { ledger, load });
});

test("a node that is cut off while committees change follows them all when it is back", async (t) => {
  const { rng, network, ledger, load } = await startRun(t, { nodes: 6, committee: 4, epochSeconds: 20 });
  await load.start();
  for (const cut of ["silent", "reset"] as const) {
    const alone = chooseOne(network.nodes, rng);
    const rest = network.nodes.filter((node) => node !== alone);
    const [other] = rest;
    if (!other) throw new Error("no nodes");
    const { epoch } = await network.epochInfo(other);
    network.proxies.partition([names(rest), names([alone])], cut);
    const later = async (): Promise<true | undefined> =>
      (await network.epochInfo(other)).epoch >= epoch + EPOCHS_AWAY ? true : undefined;
    await network.until(`${EPOCHS_AWAY} epochs without ${alone.name}`, later, 120_000);
    assert.ok((await network.epochInfo(alone)).epoch <= epoch + 1, "a node alone closes no epoch");
    network.proxies.heal();
    t.diagnostic(
      `${alone.name} was away for ${EPOCHS_AWAY} epochs and back after ${await network.progress()} ms`,
    );
  }
  await verdict(t, network, { ledger, load });
});
