import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { allocate, fetchContent, JobFailure } from "#client/index.ts";
import { bytesOf, createWorld, NODE_ID, type World } from "#test/node/delivery/support/world.ts";
import { serve } from "./support/serve.ts";

const IMPOSTOR = 5;
const GONE = 6;
const SILENT = 7;

let world: World;
before(async () => {
  world = await createWorld({ submission: { tickMs: 60_000 } });
  const { chain, edge } = world;
  chain.addNode(IMPOSTOR, new Uint8Array(32).fill(1), edge.url());
  chain.addNode(GONE, new Uint8Array(32).fill(2), "http://127.0.0.1:1");
  chain.addNode(SILENT, new Uint8Array(32).fill(3), await serve(() => undefined));
});
after(() => world.close());

/** The nodes in this order: each has the same weight, and is listed by id. */
const inOrder = (nodes: readonly number[]): (() => number) => {
  const listed = [NODE_ID, IMPOSTOR, GONE, SILENT];
  return () => {
    const at = nodes.indexOf(listed.shift() ?? 0);
    return (at < 0 ? nodes.length : at) / 10;
  };
};

function deliver(order: readonly number[], customerId: number, hash: `0x${string}`, maxNodes = 4) {
  const customer = world.customer(customerId);
  return allocate(world.client, {
    ...{ service: 0, deadlineMs: 60_000, patienceMs: 1_000, maxNodes, random: inOrder(order) },
    async run({ nodeId }, signal, onBytes) {
      const session = await world.open(customer, { nodeId });
      return fetchContent(session, { hash, signal, onBytes });
    },
  });
}

test("content comes from the node that has it, past one that is not who it says, one that is gone and one that says nothing", async () => {
  const bytes = bytesOf(500_000, 3);
  const { results, attempts } = await deliver([IMPOSTOR, SILENT, GONE, NODE_ID], 1, await world.put(bytes));
  assert.deepEqual(results, [{ nodeId: NODE_ID, result: bytes }]);
  assert.deepEqual(
    attempts.map(({ nodeId, code }) => [nodeId, code]),
    [
      [IMPOSTOR, "ERR_NODE_IDENTITY"],
      [SILENT, undefined],
      [GONE, "ERR_NODE_UNREACHABLE"],
      [NODE_ID, undefined],
    ],
  );
  assert.equal(attempts[1]?.state, "left");
});

test("what no node has ends with every node's own reason", async () => {
  const hash = `0x${"ab".repeat(32)}` as const;
  const failed = await deliver([NODE_ID, IMPOSTOR], 2, hash, 2).then(
    () => assert.fail("it was delivered"),
    (error: unknown) => error,
  );
  assert.ok(failed instanceof JobFailure && failed.code === "ERR_JOB_NODES");
  assert.deepEqual(
    failed.attempts.map(({ code }) => code),
    ["ERR_CONTENT_NOT_FOUND", "ERR_NODE_IDENTITY"],
  );
});
