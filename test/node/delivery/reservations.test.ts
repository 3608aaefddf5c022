import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSession } from "#client/actions/create-session.ts";
import { fetchContent } from "#client/actions/fetch-content.ts";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { streamContent } from "#client/session/stream.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { receiptStatus } from "#protocol/errors/codes.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { CREDIT_WINDOW_BYTES, LATE_ACK_MS, MAX_CREDIT_STEP_BYTES } from "#protocol/params/limits.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { eventually } from "#test/node/support/eventually.ts";
import { entry, network, RawClient, type RawTransfer } from "./support/raw-client.ts";
import { bytesOf, type Customer, createWorld, NODE_ID, shiftableClock, type World } from "./support/world.ts";

const MIB = 1 << 20;
const clock = shiftableClock();
let world: World;
before(async () => {
  world = await createWorld({ clock, creditTimeoutMs: 3_000, submission: { tickMs: 60_000 } });
});
after(() => world.close());

/** The price is one micro-USD a byte. */
const reservation = (customer: Customer, epoch = world.chain.epoch) =>
  world.chain.reservation({
    epoch,
    account: fromHex(customer.account),
    session: customer.key.publicKey,
    node: NODE_ID,
  });

/** Acknowledges whatever arrives until the node pauses with nothing left to acknowledge. Returns the steps it took. */
async function drain(raw: RawClient, transfer: RawTransfer): Promise<number[]> {
  const steps: number[] = [];
  let signed: ReturnType<RawClient["sign"]> | undefined;
  for (let acked = 0; ; ) {
    const end = await raw.readUntilPause(transfer, 200);
    const { unacknowledged } = await raw.status();
    const sent = unacknowledged.reduce((sum, { units }) => sum + Number(units), acked);
    // the node was slow, and has not paused
    if (end === "paused" && transfer.received < sent) continue;
    if (transfer.received === acked) return steps;
    const step = [entry(transfer, acked, transfer.received - acked)];
    signed = raw.sign(step, signed);
    assert.equal((await raw.post(signed, step)).status, 200);
    steps.push(transfer.received - acked);
    acked = transfer.received;
    if (end !== "paused") return steps;
  }
}

test("without a reservation a key has 256 KiB that the chain has not paid, acknowledged or not", async () => {
  const raw = await RawClient.open(world, world.customer(1));
  const transfer = await raw.begin(await world.put(bytesOf(MIB, 1)));
  const [first] = await drain(raw, transfer);
  assert.equal(first, CREDIT_WINDOW_BYTES);
  assert.equal(transfer.received, CREDIT_WINDOW_BYTES);
  assert.equal(await raw.readUntilPause(transfer, 20_000), "broken");
  assert.equal((await raw.status()).ended?.code, "ERR_RESERVATION_REQUIRED");

  const waiting = await raw.begin(transfer.hash);
  assert.equal(await raw.readUntilPause(waiting, 200), "paused");
  assert.equal(waiting.received, 0);
  clock.shift(3_001);
  await world.delivery.flush();
  world.chain.commit();
  await raw.readUntilPause(waiting, 200);
  assert.equal(waiting.received, CREDIT_WINDOW_BYTES, "what the chain has paid is no risk any more");
});

test("with a reservation steps double from 256 KiB to 4 MiB, and never pass what is reserved", async () => {
  const raw = await RawClient.open(world, world.customer(2));
  const transfer = await raw.begin(await world.put(bytesOf(14 * MIB, 2)));
  const reserved = 12 * MIB;
  const { credit } = await raw.reserve(BigInt(reserved));
  assert.deepEqual(
    [credit.reserved, credit.spare, credit.window],
    [String(reserved), String(reserved), CREDIT_WINDOW_BYTES],
  );
  const steps = await drain(raw, transfer);
  assert.deepEqual(
    steps.slice(0, 5),
    [1, 2, 4, 8, 16].map((n) => n * CREDIT_WINDOW_BYTES),
  );
  assert.ok(steps.every((step) => step <= MAX_CREDIT_STEP_BYTES));
  assert.equal(transfer.received, reserved + CREDIT_WINDOW_BYTES, "beyond it the free window, and no more");
  await raw.reserve(BigInt(14 * MIB));
  assert.notEqual(await raw.readUntilPause(transfer, 500), "paused");
  assert.equal(transfer.received, 14 * MIB);
});

test("what is wrong with a reservation is refused by code, and nothing is submitted", async () => {
  const customer = world.customer(3, { balance: 10_000n, limit: 8_000n });
  const raw = await RawClient.open(world, customer);
  const other = createSession(new Uint8Array(32).fill(99));
  const foreign = networkContext(1, "0x00000000000000000000000000000000000000f2").networkId;
  const refusals = [
    [await raw.reserve(500n, { account: new Uint8Array(20) }), 409, "ERR_RESERVE_ACCOUNT"],
    [await raw.reserve(500n, { session: other.publicKey }), 409, "ERR_RESERVE_ACCOUNT"],
    [await raw.reserve(500n, { node: NODE_ID + 1 }), 409, "ERR_RESERVE_NODE"],
    [await raw.reserve(500n, { epoch: world.chain.epoch + 1 }), 409, "ERR_RESERVE_EPOCH"],
    [await raw.reserve(500n, {}, { signer: other }), 409, "ERR_RESERVE_SIGNATURE"],
    [await raw.reserve(500n, {}, { networkId: foreign }), 409, "ERR_RESERVE_SIGNATURE"],
    [await raw.reserve(99n), 402, "ERR_RESERVE_MINIMUM"],
    [await raw.reserve(8_001n), 402, "ERR_RESERVE_LIMIT"],
  ] as const;
  for (const [{ status, code }, ...expected] of refusals) assert.deepEqual([status, code], expected);
  assert.equal(reservation(customer), undefined);
  assert.equal((await raw.reserve(7_950n)).status, 200);
  assert.equal((await raw.reserve(8_000n)).code, "ERR_RESERVE_MINIMUM", "a raise is worth a transaction");
  assert.equal((await raw.reserve(100n)).status, 200, "lower or equal is answered at once");
  const poor = await RawClient.open(world, world.customer(4, { balance: 300n }));
  assert.deepEqual((await poor.reserve(301n)).code, "ERR_INSUFFICIENT_BALANCE");
});

test("the chain has the last word: its refusal is the answer, and one key waits for one reservation at a time", async () => {
  const customer = world.customer(5, { balance: 10_000n });
  const raw = await RawClient.open(world, customer);
  world.chain.lockAtOnce = false;
  try {
    const first = raw.reserve(9_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    assert.deepEqual((await raw.reserve(9_500n)).code, "ERR_RESERVATION_BUSY");
    const account = world.chain.account(fromHex(customer.account)) ?? assert.fail();
    account.balance = 8_000n;
    world.chain.commit();
    const { status, code } = await first;
    assert.deepEqual([status, code], [402, "ERR_INSUFFICIENT_BALANCE"]);
    assert.ok(receiptStatus("ERR_INSUFFICIENT_BALANCE") > 0);
    const second = raw.reserve(4_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    clock.shift(5_001);
    await eventually(
      "what has no receipt is handed in again, the same bytes",
      () => world.chain.waiting.length === 1,
    );
    world.chain.commit();
    assert.equal((await second).status, 200);
    const third = raw.reserve(5_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    clock.shift(15_001);
    assert.deepEqual((await third).code, "ERR_RESERVATION_TIMEOUT");
    world.chain.waiting.length = 0;
    for (const busy of ["ERR_POOL_FULL", "ERR_QUOTA_EXCEEDED"]) {
      world.chain.refusal = new FlkError(busy, "no room");
      const { status: answered, code: told } = await raw.reserve(5_000n);
      assert.deepEqual([answered, told], [503, busy], "it may be asked again");
    }
    assert.equal((await raw.reserve(3_000n)).status, 200);
  } finally {
    world.chain.refusal = undefined;
    world.chain.lockAtOnce = true;
  }
  assert.ok(
    (world.metrics.value("flk_delivery_reservations_total", { code: "ERR_RESERVATION_BUSY" }) ?? 0) > 0,
  );
});

test("a reservation that others of a later sequence overtook goes into another transaction, by the pool's word or the chain's", async () => {
  const raw = await RawClient.open(world, world.customer(34, { balance: 10_000n }));
  world.chain.refusal = new FlkError("ERR_BAD_NONCE", "overtaken");
  try {
    const first = raw.reserve(4_000n);
    await new Promise((resolve) => setTimeout(resolve, 250));
    world.chain.refusal = undefined;
    assert.equal((await first).status, 200);
    world.chain.lockAtOnce = false;
    const second = raw.reserve(5_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    const [dropped] = world.chain.waiting.splice(0);
    world.chain.refusal = new FlkError("ERR_BAD_NONCE", "overtaken");
    clock.shift(5_001);
    await new Promise((resolve) => setTimeout(resolve, 250));
    world.chain.refusal = undefined;
    await eventually("it is submitted anew", () => world.chain.waiting.length === 1);
    assert.notDeepEqual(world.chain.waiting[0], dropped);
    world.chain.commit();
    assert.equal((await second).status, 200);
  } finally {
    world.chain.refusal = undefined;
    world.chain.lockAtOnce = true;
  }
});

test("a reservation that the chain refused is locked once there is money for it", async () => {
  const customer = world.customer(13, { balance: 10_000n });
  const raw = await RawClient.open(world, customer);
  const account = world.chain.account(fromHex(customer.account)) ?? assert.fail();
  world.chain.lockAtOnce = false;
  try {
    const refused = raw.reserve(9_000n);
    await eventually("it is submitted", () => world.chain.waiting.length === 1);
    account.balance = 8_000n;
    world.chain.commit();
    assert.equal((await refused).code, "ERR_INSUFFICIENT_BALANCE");
    account.balance = 10_000n;
    const again = raw.reserve(9_000n);
    await eventually("it is submitted again", () => world.chain.waiting.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 250));
    world.chain.commit();
    assert.equal((await again).status, 200);
  } finally {
    world.chain.lockAtOnce = true;
  }
});

test("what another key or another node has reserved serves nobody else here", async () => {
  const customer = world.customer(6, { balance: BigInt(MIB) });
  const hash = await world.put(bytesOf(MIB, 6));
  const account = world.chain.account(fromHex(customer.account)) ?? assert.fail();
  account.reserved = BigInt(MIB) - 1_000n;
  const raw = await RawClient.open(world, customer);
  const transfer = await raw.begin(hash);
  await raw.readUntilPause(transfer);
  const acked = [entry(transfer, 0, 1_001)];
  assert.equal((await raw.post(raw.sign(acked), acked)).code, "ERR_ACK_BALANCE");
  const within = [entry(transfer, 0, 1_000)];
  assert.equal((await raw.post(raw.sign(within), within)).status, 200);
  assert.equal((await raw.get(hash)).status, 402);
});

test("the SDK reserves what it fetches: the stream begins before the chain has locked it, and none of it pauses for money", async () => {
  const customer = world.customer(7);
  const size = 9 * MIB;
  const hash = await world.put(bytesOf(size, 7));
  world.chain.lockAtOnce = false;
  const session = await world.open(customer, { maxReserve: BigInt(3 * MIB) });
  const before = world.metrics.value("flk_delivery_reservations_total", { code: "OK" }) ?? 0;
  let received = 0;
  let mostLocked = 0n;
  const blocks = setInterval(() => world.chain.commit(), 30);
  try {
    for await (const chunk of streamContent(session, { hash, retries: 0 })) {
      received += chunk.length;
      const { amount = 0n } = reservation(customer) ?? {};
      const locked = amount - session.acknowledged.units;
      if (locked > mostLocked) mostLocked = locked;
      if (amount === 0n) assert.ok(received <= CREDIT_WINDOW_BYTES);
    }
  } finally {
    clearInterval(blocks);
    world.chain.lockAtOnce = true;
  }
  assert.equal(received, size);
  assert.equal(session.acknowledged.units, BigInt(size));
  const done = () => (world.metrics.value("flk_delivery_reservations_total", { code: "OK" }) ?? 0) - before;
  await eventually("it was topped up twice", () => done() >= 3);
  assert.ok(
    mostLocked <= BigInt(3 * MIB),
    `${mostLocked} micro-USD were locked beyond what was acknowledged`,
  );
  assert.equal(session.reserver.failure, undefined);
});

test("small contents are served free of a reservation until half the window is owed", async () => {
  const customer = world.customer(8);
  const session = await world.open(customer);
  for (const seed of [80, 81]) await fetchContent(session, { hash: await world.put(bytesOf(60_000, seed)) });
  assert.equal(reservation(customer), undefined);
  await fetchContent(session, { hash: await world.put(bytesOf(60_000, 82)) });
  await eventually("the third one is reserved for", () => reservation(customer) !== undefined);
});

test("a client whose money does not reach for a reservation is served as the chain pays", async () => {
  const customer = world.customer(9, { limit: 600_000n, balance: 600_000n });
  const account = world.chain.account(fromHex(customer.account)) ?? assert.fail();
  const session = await world.open(customer, { maxReserve: 0n });
  const paying = setInterval(() => {
    clock.shift(3_001);
    void world.delivery.flush().then(() => world.chain.commit());
  }, 50);
  try {
    const content = await fetchContent(session, { hash: await world.put(bytesOf(600_000, 9)) });
    assert.equal(content.length, 600_000);
  } finally {
    clearInterval(paying);
  }
  assert.equal(account.reserved, 0n);
});

test("after a restart of the node and of the client nothing that is reserved is lost or locked twice", async () => {
  const customer = world.customer(10);
  const hash = await world.put(bytesOf(2 * MIB, 10));
  const store = memoryLaneStore();
  const first = await world.open(customer, { store });
  for await (const _ of streamContent(first, { hash })) if (first.acknowledged.units > BigInt(MIB)) break;
  const before = reservation(customer)?.amount;
  assert.ok(before);
  await world.restart();
  const second = await world.open(customer, { store });
  const content = await fetchContent(second, { hash });
  assert.equal(content.length, 2 * MIB);
  assert.equal(reservation(customer)?.amount, before);
  const account = world.chain.account(fromHex(customer.account));
  assert.equal(account?.reserved, before);
});

test("a signed reservation that never arrived is sent again before anything is added to it", async () => {
  const customer = world.customer(11);
  const hash = await world.put(bytesOf(MIB, 11));
  const store = memoryLaneStore();
  const name = [network.networkId, fromHex(customer.account), customer.key.publicKey]
    .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`)
    .concat(String(NODE_ID))
    .join("/");
  const amount = String(5 * MIB);
  await store.saveReservation(name, { epoch: world.chain.epoch, amount, window: CREDIT_WINDOW_BYTES });
  await fetchContent(await world.open(customer, { store }), { hash });
  assert.equal(reservation(customer)?.amount, BigInt(amount));
  const kept = await store.loadReservation(name);
  assert.deepEqual([kept?.epoch, kept?.amount], [world.chain.epoch, amount]);
  assert.ok((kept?.window ?? 0) > CREDIT_WINDOW_BYTES);
});

test("at an epoch's turn a stream goes on: its step is covered by what the old epoch reserved, then by a new reservation", async () => {
  const customer = world.customer(12);
  const size = 3 * MIB;
  const hash = await world.put(bytesOf(size, 12));
  const session = await world.open(customer);
  let received = 0;
  const old = world.chain.epoch;
  for await (const chunk of streamContent(session, { hash, retries: 0 })) {
    received += chunk.length;
    if (received > MIB && world.chain.epoch === old) world.chain.turn();
  }
  assert.equal(received, size);
  assert.ok(reservation(customer, old));
  assert.ok(reservation(customer));
  clock.shift(LATE_ACK_MS + 1);
});

test("what the old epoch reserved lets nobody owe more than one step in the new one, where nothing is reserved", async () => {
  const raw = await RawClient.open(world, world.customer(14));
  await raw.reserve(BigInt(16 * MIB));
  const transfer = await raw.begin(await world.put(bytesOf(12 * MIB, 14)));
  let signed: ReturnType<RawClient["sign"]> | undefined;
  for (const step of [CREDIT_WINDOW_BYTES, 2 * CREDIT_WINDOW_BYTES]) {
    assert.equal(await raw.readUntilPause(transfer), "paused");
    const entries = [entry(transfer, transfer.received - step, step)];
    signed = raw.sign(entries, signed);
    assert.equal((await raw.post(signed, entries)).status, 200);
  }
  assert.equal(await raw.readUntilPause(transfer), "paused");
  const step = MIB;
  const before = 3 * CREDIT_WINDOW_BYTES;
  assert.equal(transfer.received, before + step);
  world.chain.turn();
  let inNew: ReturnType<RawClient["sign"]> | undefined;
  for (let acked = before; acked < transfer.received; ) {
    const units = Math.min(CREDIT_WINDOW_BYTES, transfer.received - acked);
    const entries = [entry(transfer, acked, units)];
    inNew = raw.sign(entries, inNew);
    assert.equal((await raw.post(inNew, entries)).status, 200);
    acked += units;
    await raw.readUntilPause(transfer);
    assert.ok(transfer.received <= before + step, `${transfer.received - before} bytes are not paid for`);
  }
  assert.equal((await raw.reserve(BigInt(8 * MIB))).status, 200);
  assert.equal(await raw.readUntilPause(transfer), "paused");
  assert.ok(transfer.received > before + step, "a reservation of the new epoch lets it go on");
});
