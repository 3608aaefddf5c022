import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { getNodes, getOffers, pickNodes } from "#client/index.ts";
import { createLoadMeter } from "#node/edge/load.ts";
import { createWorld, NODE_ID, type World } from "#test/node/delivery/support/world.ts";

let world: World;
const servers: Server[] = [];
before(async () => {
  world = await createWorld({ submission: { tickMs: 60_000 } });
});
after(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await world.close();
});

/** Registers a node whose edge answers everything with `answer`, or not at all. */
async function node(nodeId: number, answer: unknown): Promise<void> {
  const server = createServer((_, response) => {
    if (answer !== undefined) response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  world.chain.addNode(nodeId, new Uint8Array(32).fill(nodeId), `http://127.0.0.1:${port}`);
}

test("a node's offer: how busy it is, what it takes, and how soon; null for who does not answer, or nonsense", async () => {
  await node(10, { node: 10, load: 250, minPrices: ["7"] });
  await node(11, undefined);
  await node(12, { node: 10, load: 0, minPrices: [] });
  await node(13, { node: 13, load: "idle", minPrices: [] });
  await node(14, "<html>");
  await node(15, { node: 15, load: 1, minPrices: [-1] });
  world.chain.addNode(16, new Uint8Array(32).fill(16), "http://127.0.0.1:1");
  world.chain.addNode(17, new Uint8Array(32).fill(17), "");
  const offers = await getOffers(world.client, await getNodes(world.client), { timeoutMs: 1_000 });
  const real = offers.get(NODE_ID);
  assert.ok(real && real.load >= 0 && real.load <= 100 && real.ms > 0);
  assert.deepEqual(real.minPrices, []);
  assert.deepEqual([offers.get(10)?.load, offers.get(10)?.minPrices], [100, [7n]]);
  for (const id of [11, 12, 13, 14, 15, 16, 17]) assert.equal(offers.get(id), null, String(id));
});

test("pickNodes asks its candidates first: who wants more than the service pays is not among them, who is gone comes last", async () => {
  const [service] = world.chain.serviceViews;
  assert.ok(service);
  service.prices = [6n, 6n];
  const picked = await pickNodes(world.client, { service: service.serviceId, count: 9, measured: true });
  const ids = picked.map(({ nodeId }) => nodeId);
  assert.equal(ids[0], NODE_ID);
  assert.ok(!ids.includes(10) && ids.includes(11));
  const unmeasured = await pickNodes(world.client, { service: service.serviceId, count: 9 });
  assert.equal(unmeasured.length, 9);
});

test("the load is the part of the last second or more in which the process had work", () => {
  let now = 0;
  let busy = 0;
  const load = createLoadMeter({
    now: () => now,
    utilization: (since) => {
      const active = busy - (since?.active ?? 0);
      const idle = now - busy - (since?.idle ?? 0);
      return { active, idle, utilization: active / (active + idle) };
    },
  });
  assert.equal(load(), 0);
  now = 999;
  busy = 999;
  assert.equal(load(), 0, "less than a second says nothing");
  now = 2_000;
  busy = 1_500;
  assert.equal(load(), 75);
  now = 4_000;
  assert.equal(load(), 0);
});
