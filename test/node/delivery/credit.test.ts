import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { entry, RawClient } from "./support/raw-client.ts";
import { bytesOf, createWorld, type World } from "./support/world.ts";

let world: World;
before(async () => {
  world = await createWorld({ creditTimeoutMs: 700, submission: { tickMs: 60_000 } });
});
after(() => world.close());

test("a client that stops acknowledging gets exactly the credit window, then a coded end", async () => {
  const raw = await RawClient.open(world, world.customer(1));
  const transfer = await raw.begin(await world.put(bytesOf(1_000_000, 1)));
  assert.equal(await raw.readUntilPause(transfer), "paused");
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
  assert.equal(await raw.readUntilPause(transfer, 3_000), "broken");
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
  const { ended, unacknowledged } = await raw.status();
  assert.equal(ended?.code, "ERR_CREDIT_TIMEOUT");
  assert.equal(unacknowledged[0]?.units, String(CREDIT_WINDOW_BYTES));
  const refused = await raw.get(transfer.hash);
  assert.equal(refused.status, 402);
  assert.equal(((await refused.json()) as { code: string }).code, "ERR_CREDIT_EXHAUSTED");
  await raw.post(raw.sign(unacknowledged), unacknowledged);
  assert.equal((await raw.get(transfer.hash)).status, 200, "acknowledging opens the window again");
});

test("a pause ends with the acknowledgement: never more than the window ahead, and the rest arrives", async () => {
  const raw = await RawClient.open(world, world.customer(2));
  const size = 700_000;
  const transfer = await raw.begin(await world.put(bytesOf(size, 2)));
  let acked = 0;
  let signed: ReturnType<RawClient["sign"]> | undefined;
  while ((await raw.readUntilPause(transfer, 100)) !== "done") {
    assert.ok(transfer.received - acked <= CREDIT_WINDOW_BYTES);
    const step = [entry(transfer, acked, transfer.received - acked)];
    signed = raw.sign(step, signed);
    assert.equal((await raw.post(signed, step)).status, 200);
    acked = transfer.received;
  }
  assert.equal(transfer.received, size);
});

test("all lanes of one session key share one window; another client has its own", async () => {
  const customer = world.customer(3);
  const hash = await world.put(bytesOf(1_000_000, 3));
  const lanes = await Promise.all([0, 1, 2].map((lane) => RawClient.open(world, customer, lane)));
  const transfers = await Promise.all(lanes.map(async (raw) => ({ raw, transfer: await raw.begin(hash) })));
  await Promise.all(transfers.map(({ raw, transfer }) => raw.readUntilPause(transfer)));
  const together = transfers.reduce((sum, { transfer }) => sum + transfer.received, 0);
  assert.equal(together, CREDIT_WINDOW_BYTES);
  const other = await RawClient.open(world, world.customer(4));
  const transfer = await other.begin(hash);
  await other.readUntilPause(transfer);
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
});

test("a client that goes away frees the transfer, and leaves its debt", async () => {
  const raw = await RawClient.open(world, world.customer(5));
  const transfer = await raw.begin(await world.put(bytesOf(1_000_000, 5)));
  await raw.readUntilPause(transfer);
  await transfer.reader.cancel();
  await eventually("the transfer ends", async () => (await raw.status()).unacknowledged.length === 1);
  assert.equal((await raw.status()).unacknowledged[0]?.units, String(CREDIT_WINDOW_BYTES));
});
