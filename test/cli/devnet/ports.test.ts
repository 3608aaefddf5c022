import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { DEVNET_DEFAULTS, type DevnetOptions } from "#cli/devnet/options.ts";
import { assertPortsFree, nodePorts } from "#cli/devnet/ports.ts";
import { flk } from "../support.ts";

const OPTIONS: DevnetOptions = {
  ...DEVNET_DEFAULTS,
  nodes: 1,
  epochs: 1,
  killOne: false,
  badNode: false,
  json: false,
  content: [],
  dir: undefined,
  host: "127.0.0.1",
  portOffset: 17_000,
  l2Port: 19_001,
  indexerPort: 19_002,
};

test("the first node has the ports of a node alone, the next ones a hundred more each", () => {
  assert.deepEqual(nodePorts(0, 0), { pool: 4200, handshake: 4220, rpc: 4230, metrics: 4290 });
  assert.deepEqual(nodePorts(2, 7), { pool: 4407, handshake: 4427, rpc: 4437, metrics: 4497 });
});

test("a port in use is named with its use and the option that moves it", async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  await assert.rejects(assertPortsFree({ ...OPTIONS, indexerPort: port }), {
    code: "ERR_PORT_IN_USE",
    message: `port ${port} for the indexer is in use; --indexer-port chooses another`,
  });
  const offset = port - nodePorts(0, 0).rpc;
  await assert.rejects(assertPortsFree({ ...OPTIONS, portOffset: offset }), {
    code: "ERR_PORT_IN_USE",
    message: `port ${port} for rpc of node 1 is in use; --port-offset chooses another`,
  });
  const { code, stderr } = await flk(["devnet", "--l2-port", String(port), "--port-offset", "17000"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`^error ERR_PORT_IN_USE: port ${port} for the local L2 is in use; --l2-port`),
  );
});

test("two uses of one port are refused before anything starts", async () => {
  await assert.rejects(assertPortsFree({ ...OPTIONS, indexerPort: OPTIONS.l2Port }), {
    code: "ERR_USAGE",
    message: /is wanted for the local L2 and for the indexer/,
  });
});
