import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cleanText, MAX_TEXT } from "#indexer/store/text.ts";
import { caughtUp, get, startWorld, type World } from "./support/world.ts";

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.stop());

test("endpoints and metadata that no database takes as text are stored without what it refuses", async () => {
  const { l2 } = world;
  const endpoints = "/ip4/10.0.0.1/tcp/1\u0000,http://a\u0000b";
  l2.emit("staking", "EndpointsSet", { nodeId: 2, endpoints });
  l2.emit("services", "MetadataSet", { serviceId: 0, metadataUri: "\u0000" });
  l2.emit("services", "ServiceRegistered", {
    serviceId: 1,
    owner: `0x${"11".repeat(20)}`,
    metadataUri: `a\u0000${"x".repeat(100_000)}`,
  });
  await caughtUp(world);
  const data = await get(
    world.indexer,
    "{ node(id: 2) { endpoints } services { nodes { id metadataUri } } }",
  );
  assert.deepEqual(data.node.endpoints, ["/ip4/10.0.0.1/tcp/1\ufffd", "http://a\ufffdb"]);
  assert.equal(data.services.nodes[0].metadataUri, "\ufffd");
  assert.equal(data.services.nodes[1].metadataUri, `a\ufffd${"x".repeat(MAX_TEXT - 2)}`);
});

test("text that is stored has no NUL, no lone surrogate and a bounded length, and good text stays as it is", () => {
  assert.equal(cleanText("ipfs://käse 🧀"), "ipfs://käse 🧀");
  assert.equal(cleanText("a\ud800b\udc00c\u0000"), "a\ufffdb\ufffdc\ufffd");
  const cut = cleanText(`${"x".repeat(MAX_TEXT - 1)}🧀`);
  assert.equal(cut.length, MAX_TEXT);
  assert.ok(cut.isWellFormed());
});
