import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { networkContext } from "#protocol/digests/network.ts";
import { LATE_ACK_MS } from "#protocol/params/limits.ts";
import type { SignedAck } from "#protocol/types/ack.ts";
import type { DeliveryEntry } from "#protocol/types/edge-http.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { entry, network, RawClient, type RawTransfer } from "./support/raw-client.ts";
import { bytesOf, createWorld, shiftableClock, type World } from "./support/world.ts";

const clock = shiftableClock();
let world: World;
let nextCustomer = 1;
before(async () => {
  world = await createWorld({ clock, submission: { tickMs: 60_000 } });
});
after(() => world.close());

interface Scene {
  raw: RawClient;
  transfer: RawTransfer;
  /** accepted: 1000 bytes */
  first: SignedAck;
  account: Uint8Array;
  key: Uint8Array;
}

/** A session that has served 50,000 bytes, 1,000 of them acknowledged. */
async function scene(options: Parameters<World["customer"]>[1] = {}): Promise<Scene> {
  const customer = world.customer(nextCustomer++, options);
  const hash = await world.put(bytesOf(50_000, 7));
  const raw = await RawClient.open(world, customer);
  const transfer = await raw.begin(hash);
  assert.equal(await raw.readUntilPause(transfer, 1_000), "done");
  const deliveries = [entry(transfer, 0, 1_000)];
  const first = raw.sign(deliveries);
  assert.equal((await raw.post(first, deliveries)).status, 200);
  return { raw, transfer, first, account: fromHex(customer.account), key: customer.key.publicKey };
}

/** After a refusal the lane stands where it stood, and goes on. */
async function assertNothingLost({ raw, transfer, first, account, key }: Scene): Promise<void> {
  const held = world.delivery.newest({ account, key, lane: 0, service: 0, commodity: 0 });
  assert.deepEqual(
    held.map(({ ack }) => [ack.count, ack.units]),
    [[1, 1_000n]],
  );
  const deliveries = [entry(transfer, 1_000, 10)];
  const next = raw.sign(deliveries, first, { epoch: first.ack.epoch });
  assert.equal((await raw.post(next, deliveries)).code, undefined);
}

function refused(
  name: string,
  code: string,
  make: (
    s: Scene,
  ) => [SignedAck, DeliveryEntry[], Uint8Array?] | Promise<[SignedAck, DeliveryEntry[], Uint8Array?]>,
  options: { scene?: Parameters<World["customer"]>[1]; keepsGoing?: boolean; undo?(s: Scene): void } = {},
): void {
  test(`${name} is refused with ${code} and nothing is lost`, async () => {
    const s = await scene(options.scene);
    const [signed, deliveries, networkId] = await make(s);
    const answer = await s.raw.post(signed, deliveries, networkId);
    assert.equal(answer.code, code, String(answer.body.message));
    assert.ok(answer.status >= 400 && answer.status < 500);
    options.undo?.(s);
    await assertNothingLost(s);
  });
}

const more = (s: Scene, units = 500): DeliveryEntry[] => [entry(s.transfer, 1_000, units)];

refused("a bad signature", "ERR_ACK_SIGNATURE", (s) => {
  const signed = s.raw.sign(more(s), s.first);
  const signature = new Uint8Array(signed.signature);
  signature[3] = (signature[3] as number) ^ 1;
  return [{ ...signed, signature }, more(s)];
});

const foreign = networkContext(1, "0x00000000000000000000000000000000000000bb").networkId;
refused("an acknowledgement that names another network", "ERR_ACK_NETWORK", (s) => [
  s.raw.sign(more(s), s.first, {}, foreign),
  more(s),
  foreign,
]);
refused("a signature made for another network", "ERR_ACK_SIGNATURE", (s) => [
  s.raw.sign(more(s), s.first, {}, foreign),
  more(s),
  network.networkId,
]);
refused("one for another node", "ERR_ACK_NODE", (s) => [s.raw.sign(more(s), s.first, { node: 9 }), more(s)]);
refused("one for another account", "ERR_ACK_ACCOUNT", (s) => [
  s.raw.sign(more(s), s.first, { account: new Uint8Array(20) }),
  more(s),
]);
refused("one for another session key", "ERR_ACK_UNKNOWN_SESSION", (s) => [
  s.raw.sign(more(s), s.first, { session: new Uint8Array(32) }),
  more(s),
]);
refused("one in another lane", "ERR_ACK_LANE", (s) => [s.raw.sign(more(s), s.first, { lane: 1 }), more(s)]);
refused("one for another service", "ERR_ACK_SERVICE", (s) => [
  s.raw.sign(more(s), s.first, { service: 1 }),
  more(s),
]);
refused("one for another commodity", "ERR_ACK_COMMODITY", (s) => [
  s.raw.sign(more(s), s.first, { commodity: 1 }),
  more(s),
]);
refused("one of a later epoch", "ERR_ACK_EPOCH", (s) => [
  s.raw.sign(more(s), s.first, { epoch: world.chain.epoch + 1 }),
  more(s),
]);
refused("a lower count", "ERR_ACK_LOWER", (s) => [s.raw.sign([], s.first, { count: 0, units: 2_000n }), []]);
refused("a higher count with fewer units", "ERR_ACK_LOWER", (s) => [
  s.raw.sign(more(s), s.first, { units: 999n }),
  more(s),
]);
refused("another acknowledgement with the same count", "ERR_ACK_CONFLICT", (s) => [
  s.raw.sign([], s.first, { units: 1_001n }),
  [],
]);
refused("a count that skips deliveries", "ERR_ACK_GAP", (s) => [
  s.raw.sign(more(s), s.first, { count: 3 }),
  more(s),
]);
refused("units that the deliveries do not make", "ERR_ACK_UNITS", (s) => [
  s.raw.sign(more(s), s.first, { units: 1_501n }),
  more(s),
]);
refused("more units than were served", "ERR_ACK_UNITS", (s) => [
  s.raw.sign(more(s, 49_001), s.first),
  more(s, 49_001),
]);
refused("a log that does not follow", "ERR_ACK_LOG", (s) => [
  s.raw.sign(more(s), s.first, { log: new Uint8Array(32).fill(1) }),
  more(s),
]);
refused("an offset that was not served next", "ERR_ACK_LOG", (s) => {
  const wrong = [entry(s.transfer, 1_001, 500)];
  return [s.raw.sign(wrong, s.first), wrong];
});
refused("a transfer that this node never made", "ERR_ACK_UNITS", (s) => {
  const unknown = [entry({ ...s.transfer, transfer: (s.transfer.transfer + 999) % 2 ** 32 }, 0, 1)];
  return [s.raw.sign(unknown, s.first), unknown];
});
refused("deliveries of nothing, of a transfer that this node never made,", "ERR_ACK_UNITS", (s) => {
  const unknown = { ...s.transfer, transfer: (s.transfer.transfer + 999) % 2 ** 32 };
  const nothing = Array.from({ length: 256 }, () => entry(unknown, 0, 0));
  return [s.raw.sign(nothing, s.first), nothing];
});
refused(
  "one beyond the session's limit",
  "ERR_ACK_LIMIT",
  (s) => [s.raw.sign(more(s, 1_001), s.first), more(s, 1_001)],
  { scene: { limit: 2_000n } },
);
refused(
  "one beyond the account's balance",
  "ERR_ACK_BALANCE",
  (s) => [s.raw.sign(more(s, 1_001), s.first), more(s, 1_001)],
  { scene: { balance: 2_000n } },
);
refused(
  "one of an expired session",
  "ERR_ACK_SESSION_EXPIRED",
  (s) => {
    const view = world.chain.session(s.account, s.key);
    if (view) view.expiryEpoch = world.chain.epoch - 1;
    return [s.raw.sign(more(s), s.first), more(s)];
  },
  {
    undo: (s) => {
      const view = world.chain.session(s.account, s.key);
      if (view) view.expiryEpoch = 1_000;
    },
  },
);

test("the newest acknowledgement sent again is confirmed again and changes nothing", async () => {
  const s = await scene();
  const again = await s.raw.post(s.first, [entry(s.transfer, 0, 1_000)]);
  assert.equal(again.status, 200);
  await assertNothingLost(s);
});

test("spending counts every lane of the session together", async () => {
  const s = await scene({ limit: 2_000n });
  const other = await RawClient.open(
    world,
    { account: `0x${Buffer.from(s.account).toString("hex")}`, key: keyOf(s) },
    { lane: 1 },
  );
  const transfer = await other.begin(s.transfer.hash);
  await other.readUntilPause(transfer);
  const tooMuch = [entry(transfer, 0, 1_001)];
  assert.equal((await other.post(other.sign(tooMuch), tooMuch)).code, "ERR_ACK_LIMIT");
  const enough = [entry(transfer, 0, 1_000)];
  assert.equal((await other.post(other.sign(enough), enough)).status, 200);
  const request = await other.get(s.transfer.hash);
  assert.equal(request.status, 402);
  assert.equal(((await request.json()) as { code: string }).code, "ERR_SESSION_BUDGET");
});

test("acknowledgements of a closed epoch are taken for 30 s, then refused with ERR_ACK_EPOCH and the current epoch", async () => {
  const s = await scene();
  world.chain.turn();
  const late = [entry(s.transfer, 1_000, 10)];
  const old = { epoch: s.first.ack.epoch };
  const second = s.raw.sign(late, s.first, old);
  assert.equal((await s.raw.post(second, late)).status, 200);
  clock.shift(LATE_ACK_MS + 1_000);
  const later = [entry(s.transfer, 1_010, 10)];
  const answer = await s.raw.post(s.raw.sign(later, second, old), later);
  assert.equal(answer.code, "ERR_ACK_EPOCH");
  assert.equal(answer.body.epoch, world.chain.epoch);
  const inNewLane = s.raw.sign(later);
  assert.equal(
    (await s.raw.post(inNewLane, later)).status,
    200,
    "what was served before the turn goes into the new lane",
  );
  assert.equal(inNewLane.ack.count, 1);
});

function keyOf(s: Scene): Parameters<typeof RawClient.open>[1]["key"] {
  return world.customer((s.account[0] as number) ?? 0, { limit: 2_000n }).key;
}
