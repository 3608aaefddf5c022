import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_COMMODITIES, UNREACHABLE_ENTRIES } from "#protocol/params/limits.ts";
import { Block, BlockInput, type CheckpointReport } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { seedOf } from "./support/keys.ts";
import { client, serviceOwner, World } from "./support/world.ts";

const MANY = 65_537;

test("a block with more deposits and checkpoint reports than 2^16 is read back as it was made", () => {
  const world = new World();
  const events = Array.from({ length: MANY }, (_, i): L2Event => {
    const account = new Uint8Array(20);
    new DataView(account.buffer).setUint32(0, i + 1);
    return { type: "deposit", account, amount: 1n, total: 1n };
  });
  const hash = seedOf("l2");
  const reports = Array.from(
    { length: MANY },
    (_, i): CheckpointReport => ({ node: (i % 4) + 1, checkpoint: { number: 101, hash } }),
  );
  const { block } = world.block({ events, reports });
  assert.equal(block.l2Changes.length, MANY);
  assert.equal(world.state.l2View.number, 101);
  assert.deepEqual(Block.hashTreeRoot(decode(Block, Block.serialize(block))), world.state.blockRoot);
});

test("a block input with more transactions than 2^20 is read back", () => {
  const transactions: Uint8Array[] = new Array(2 ** 20 + 1).fill(new Uint8Array(0));
  const input = { ...BlockInput.defaultValue(), transactions };
  assert.equal(decode(BlockInput, BlockInput.serialize(input)).transactions.length, transactions.length);
  const { receipts } = Block.fields;
  assert.equal(receipts.limit, UNREACHABLE_ENTRIES);
});

test("the report of a node that worked for more services than 128 is read back", () => {
  const world = new World({ prices: [] });
  const services = Array.from({ length: 129 }, (_, i) => i + 1);
  const commodities = Array.from({ length: MAX_COMMODITIES }, (_, i) => i);
  const events = services.flatMap((serviceId): L2Event[] => [
    { type: "serviceRegistered", serviceId, owner: serviceOwner.address },
    ...commodities.map(
      (commodity): L2Event => ({ type: "priceSet", serviceId, commodity, price: 10n ** 9n }),
    ),
  ]);
  world.block({ events });
  world.close();
  world.run(world.authorize(client, "s"));
  world.run(world.authorize(client, "t"));
  for (const [session, part] of [
    ["s", services.slice(0, 64)],
    ["t", services.slice(64)],
  ] as const) {
    const acks = part.flatMap((service) =>
      commodities.map((commodity) => world.ack(client, session, { service, commodity, units: 1n })),
    );
    assert.ok(world.run(world.submitAcks(1, acks)).acks.every((code) => code === "OK"));
  }
  const { report } = world.close();
  assert.equal(report.nodes[0]?.work.length, 129 * MAX_COMMODITIES);
  assert.deepEqual(decode(EpochReport, EpochReport.serialize(report)), report);
});
