import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type FlkClient, getNodes, getOffers, pickNodes } from "#client/index.ts";
import { createWorld, NODE_ID, type World } from "#test/node/delivery/support/world.ts";
import { serve } from "./support/serve.ts";

let world: World;
before(async () => {
  world = await createWorld({ submission: { tickMs: 60_000 } });
});
after(() => world.close());

/** Registers a node whose edge answers everything with `answer`, or not at all. */
async function node(nodeId: number, answer: unknown): Promise<void> {
  const url = await serve((_, response) => {
    if (answer !== undefined) response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  world.chain.addNode(nodeId, new Uint8Array(32).fill(nodeId), url);
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

test("with a content, those come first that say they have it, and those last that say they do not", async () => {
  const hash = await world.put(new Uint8Array(10).fill(1));
  const all = await getNodes(world.client);
  const here = all.filter(({ nodeId }) => nodeId === NODE_ID);
  assert.equal((await getOffers(world.client, here, { content: hash })).get(NODE_ID)?.holds, true);
  const missing = `0x${"ab".repeat(32)}` as const;
  assert.equal((await getOffers(world.client, here, { content: missing })).get(NODE_ID)?.holds, false);
  const [service] = world.chain.serviceViews;
  assert.ok(service);
  const ask = { service: service.serviceId, count: 30 };
  const first = await pickNodes(world.client, { ...ask, content: hash });
  assert.equal(first[0]?.nodeId, NODE_ID);
  const last = await pickNodes(world.client, { ...ask, content: missing });
  assert.equal(new Set(last).size, last.length);
  assert.ok(
    last.findIndex(({ nodeId }) => nodeId === NODE_ID) < last.findIndex(({ nodeId }) => nodeId === 11),
  );
});

test("pickNodes lists once, asks 16 nodes and no more, a newcomer among them, and goes on with those it did not ask", async () => {
  const asked: number[] = [];
  let listed = 0;
  const ranked = Array.from({ length: 40 }, (_, i) => ({
    ...{ node_id: i + 1, owner: `0x${"11".repeat(20)}`, network_key: `0x${"22".repeat(32)}`, stake: "1" },
    ...{ endpoints: `http://n${i + 1}.test`, reputation: i === 39 ? 50 : 90, newcomer: i === 39 ? 1 : 0 },
  }));
  const client: FlkClient = {
    network: world.client.network,
    request: async (method, params) => {
      if (method !== "flk_get_nodes_for_service") return world.client.request(method, params);
      listed += 1;
      return ranked;
    },
    fetch: async (url) => {
      const node = Number(/n(\d+)\.test/.exec(String(url))?.[1]);
      asked.push(node);
      return Response.json({ node, load: 0, minPrices: [node % 2 ? "1" : "1000000000"] });
    },
  };
  const picked = await pickNodes(client, { service: 0, count: 1_000, measured: true });
  assert.deepEqual([listed, asked.length, asked.includes(40)], [1, 16, true]);
  const dear = asked.filter((node) => node % 2 === 0);
  assert.equal(picked.length, 40 - dear.length, "who is too dear does not come back");
  const cheap = new Set(asked.filter((node) => node % 2));
  assert.deepEqual(new Set(picked.slice(0, cheap.size).map(({ nodeId }) => nodeId)), cheap);
});
