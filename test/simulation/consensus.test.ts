import assert from "node:assert/strict";
import { test } from "node:test";
import { TAG } from "#node/consensus/wire.ts";
import type { SimNode } from "./support/sim-node.ts";
import { Simulation } from "./support/simulation.ts";

test("four members order everything that is submitted", async () => {
  const simulation = new Simulation({ seed: 1, size: 4 });
  await simulation.start();
  await simulation.load(6000, 50);
  await simulation.run(4000);
  await simulation.checkComplete();
  const { longest } = await simulation.check();
  assert(longest >= 10, `only ${longest} blocks`);
  assert(simulation.accepted.size >= 119);
});

/** Seeds that `npm test` runs; `SIM_SEEDS=17,18` runs others, and a failure names its seed. */
const SEEDS = (process.env.SIM_SEEDS ?? "1,2").split(",").map(Number);

for (const seed of SEEDS) {
  for (const size of [4, 7]) {
    test(`${size} members agree through loss, delay and reordering (seed ${seed})`, async () => {
      const simulation = new Simulation({ seed, size });
      simulation.hub.weather = { minDelay: 1, maxDelay: 150, loss: 0.1, cut: new Set() };
      await simulation.start();
      await simulation.load(8000, 60);
      await simulation.check();
      simulation.hub.weather = { minDelay: 1, maxDelay: 20, loss: 0, cut: new Set() };
      await simulation.run(8000);
      await simulation.checkComplete();
    });

    test(`${size} members agree through crashes at any moment (seed ${seed})`, async () => {
      const simulation = new Simulation({ seed, size });
      simulation.hub.weather = { minDelay: 1, maxDelay: 60, loss: 0.02, cut: new Set() };
      await simulation.start();
      for (let i = 0; i < 8; i++) {
        const node = simulation.nodes[simulation.rng.int(0, size - 1)];
        await simulation.load(simulation.rng.int(200, 900), 60);
        node?.crash();
        await simulation.load(simulation.rng.int(5, 600), 60);
        if (node) await simulation.start([node]);
        await simulation.check();
      }
      await simulation.run(10_000);
      await simulation.checkComplete();
    });
  }

  test(`all four members crash at once and go on (seed ${seed})`, async () => {
    const simulation = new Simulation({ seed, size: 4 });
    await simulation.start();
    for (let i = 0; i < 4; i++) {
      await simulation.load(simulation.rng.int(500, 1500), 60);
      for (const node of simulation.nodes) node.crash();
      await simulation.run(simulation.rng.int(1, 300));
      await simulation.start();
    }
    await simulation.run(6000);
    await simulation.checkComplete();
  });

  test(`f members that are gone do not stop the others, and catch up when they come (seed ${seed})`, async () => {
    const simulation = new Simulation({ seed, size: 7 });
    const late = simulation.nodes.slice(2, 4);
    const early = simulation.nodes.filter((node) => !late.includes(node));
    await simulation.start(early);
    await simulation.load(8000, 80);
    const before = await simulation.check();
    assert(before.longest >= 5, `only ${before.longest} blocks without f members`);
    await simulation.start(late);
    await simulation.run(8000);
    await simulation.checkComplete();
  });

  test(`a minority that is cut off stalls alone and joins again (seed ${seed})`, async () => {
    const simulation = new Simulation({ seed, size: 4 });
    await simulation.start();
    await simulation.load(1500, 60);
    const cut = new Set([simulation.nodes[seed % 4]?.id ?? 0]);
    simulation.hub.weather = { ...simulation.hub.weather, cut };
    await simulation.load(6000, 60);
    await simulation.check();
    simulation.hub.weather = { ...simulation.hub.weather, cut: new Set() };
    await simulation.run(15_000);
    await simulation.checkComplete();
  });
}

for (const tag of [TAG.header, TAG.vote]) {
  test(`a member that dies as its ${tag === TAG.vote ? "vote" : "header"} leaves signs nothing else for that slot`, async () => {
    const simulation = new Simulation({ seed: 6, size: 4 });
    await simulation.start();
    const observe = simulation.signs.observe.bind(simulation.signs);
    const died: SimNode[] = [];
    let armed = false;
    simulation.signs.observe = (from, channel, message) => {
      observe(from, channel, message);
      const node = simulation.nodes.find(({ id }) => id === from);
      if (!armed || !node?.running || channel !== "consensus" || message[0] !== tag) return;
      armed = false;
      node.crash();
      died.push(node);
    };
    for (let i = 0; i < 12; i++) {
      await simulation.load(simulation.rng.int(100, 500), 60);
      armed = true;
      await simulation.load(400, 40);
      assert.equal(died.length, 1, "somebody died");
      await simulation.start(died.splice(0));
    }
    await simulation.run(6000);
    await simulation.checkComplete();
  });
}

test("a member that was away for longer than the others keep certificates in memory orders them all the same", async () => {
  const simulation = new Simulation({ seed: 4, size: 4, timing: { gcDepth: 8 } });
  await simulation.start();
  await simulation.load(1500, 60);
  const away = simulation.nodes[2];
  away?.crash();
  await simulation.load(9000, 60);
  const round = simulation.nodes[0]?.consensus?.status().lastCommittedRound ?? 0;
  assert(round > 30, `only round ${round}`);
  if (away) await simulation.start([away]);
  await simulation.run(6000);
  await simulation.checkComplete();
});

test("every member closes the epoch with the same block, and nothing comes after it", async () => {
  const simulation = new Simulation({ seed: 5, size: 4, length: 4000 });
  await simulation.start();
  await simulation.load(6000, 50);
  await simulation.run(4000);
  const { shortest, longest, ordered } = await simulation.check();
  assert.equal(shortest, longest);
  const pending = await Promise.all(simulation.nodes.map((node) => node.consensus?.pending()));
  const kept = new Set(
    pending.flatMap((transactions) => transactions ?? []).map((bytes) => Buffer.from(bytes).toString("hex")),
  );
  for (const transaction of simulation.accepted) {
    assert(
      ordered.has(transaction) !== kept.has(transaction.slice(2)),
      "what is not ordered is pending, and only that",
    );
  }
  const stopped = Promise.all(simulation.nodes.map((node) => node.consensus?.stop()));
  await simulation.run(1000);
  await stopped;
});

test("a committee of one orders alone", async () => {
  const simulation = new Simulation({ seed: 1, size: 1 });
  await simulation.start();
  await simulation.load(2000, 60);
  simulation.nodes[0]?.crash();
  await simulation.start();
  await simulation.load(1000, 60);
  await simulation.run(2000);
  await simulation.checkComplete();
});

test("the same seed gives the same run", async () => {
  const run = async () => {
    const simulation = new Simulation({ seed: 11, size: 4 });
    simulation.hub.weather = { minDelay: 1, maxDelay: 80, loss: 0.05, cut: new Set() };
    await simulation.start();
    await simulation.load(3000, 70);
    const blocks = await simulation.nodes[0]?.blocks();
    return blocks?.map(({ anchor, time, transactions }) => [
      Buffer.from(anchor).toString("hex"),
      time,
      transactions.length,
    ]);
  };
  const first = await run();
  assert((first?.length ?? 0) > 2);
  assert.deepEqual(await run(), first);
});
