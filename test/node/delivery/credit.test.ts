import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { FlkError } from "#protocol/errors/error.ts";
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
  assert.equal((await raw.reserve(BigInt(size))).status, 200);
  let acked = 0;
  let window = CREDIT_WINDOW_BYTES;
  let signed: ReturnType<RawClient["sign"]> | undefined;
  while ((await raw.readUntilPause(transfer, 100)) !== "done") {
    assert.ok(transfer.received - acked <= window);
    const step = [entry(transfer, acked, transfer.received - acked)];
    signed = raw.sign(step, signed);
    const { status, body } = await raw.post(signed, step);
    assert.equal(status, 200);
    window = (body.credit as { window: number }).window;
    acked = transfer.received;
  }
  assert.equal(transfer.received, size);
});

test("all lanes of one session key share one window; another client has its own", async () => {
  const customer = world.customer(3);
  const hash = await world.put(bytesOf(1_000_000, 3));
  const lanes = await Promise.all([0, 1, 2].map((lane) => RawClient.open(world, customer, { lane })));
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

test("a node that crashed in a later epoch than it opened the session takes what it served in it", async () => {
  const customer = world.customer(6);
  const raw = await RawClient.open(world, customer);
  for (let epochs = 0; epochs < 5; epochs++) world.chain.turn();
  const transfer = await raw.begin(await world.put(bytesOf(100_000, 6)));
  assert.equal(await raw.readUntilPause(transfer, 1_000), "done");
  await world.restart();
  const again = await RawClient.open(world, customer);
  const served = [entry(transfer, 0, transfer.received)];
  const answer = await again.post(again.sign(served), served);
  assert.deepEqual([answer.status, answer.code], [200, undefined]);
});

test("one session key has at most 16 transfers at once; more are refused with a code until one ends", async () => {
  const customer = world.customer(7);
  const hash = await world.put(bytesOf(1_000_000, 7));
  const raw = await RawClient.open(world, customer);
  const reads: number[] = [];
  const open = world.content.open.bind(world.content);
  let files = 0;
  world.content.open = async (...wanted) => {
    const content = await open(...wanted);
    files += 1;
    const read = (offset: number, length: number) => {
      reads.push(length);
      return content.read(offset, length);
    };
    const close = () => {
      files -= 1;
      return content.close();
    };
    return { ...content, read, close };
  };
  try {
    const answers = await Promise.all(Array.from({ length: 60 }, () => raw.get(hash)));
    const refusals = answers.filter((answer) => !answer.ok);
    assert.equal(answers.length - refusals.length, 16);
    for (const refused of refusals) {
      assert.equal(refused.status, 429);
      assert.equal(((await refused.json()) as { code: string }).code, "ERR_TOO_MANY_TRANSFERS");
    }
    assert.equal(files, 16);
    await eventually("the window is used up", () => reads.reduce((a, b) => a + b, 0) >= CREDIT_WINDOW_BYTES);
    assert.equal(
      reads.reduce((a, b) => a + b, 0),
      CREDIT_WINDOW_BYTES,
      "nothing is read that may not be sent yet",
    );
    await Promise.all(answers.filter((answer) => answer.ok).map((answer) => answer.body?.cancel()));
    await eventually("the files are closed", () => files === 0);
    const { unacknowledged } = await raw.status();
    assert.equal((await raw.post(raw.sign(unacknowledged), unacknowledged)).status, 200);
    const next = await raw.get(hash);
    assert.equal(next.status, 200);
    await next.body?.cancel();
  } finally {
    world.content.open = open;
  }
});

test("a content that cannot be read is not charged for what was granted and never read", async () => {
  const raw = await RawClient.open(world, world.customer(8));
  const hash = await world.put(bytesOf(100_000, 8));
  const open = world.content.open.bind(world.content);
  world.content.open = async (...wanted) => {
    const content = await open(...wanted);
    const read = async (offset: number, length: number) => {
      if (offset >= 65_536) throw new FlkError("ERR_CONTENT_CORRUPT", "shorter than it was");
      return content.read(offset, length);
    };
    return { ...content, read };
  };
  try {
    const transfer = await raw.begin(hash);
    assert.equal(await raw.readUntilPause(transfer, 1_000), "broken");
    assert.equal(transfer.received, 65_536);
    const { ended, unacknowledged } = await raw.status();
    assert.equal(ended?.code, "ERR_CONTENT_CORRUPT");
    assert.deepEqual(
      unacknowledged.map(({ units }) => units),
      ["65536"],
    );
  } finally {
    world.content.open = open;
  }
});
