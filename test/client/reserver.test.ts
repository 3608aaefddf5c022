import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "#client/actions/create-session.ts";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { ReserveBudget } from "#client/session/reserve-budget.ts";
import { Reserver } from "#client/session/reserver.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { SignedReserve } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { eventually } from "#test/node/support/eventually.ts";

test("a window that grows with the answer to a reservation is kept: after a crash so much may be unacknowledged", async () => {
  const store = memoryLaneStore();
  const key = createSession(new Uint8Array(32).fill(1));
  const window = 4 * CREDIT_WINDOW_BYTES;
  let posted = 0;
  const options = {
    networkId: new Uint8Array(32),
    key,
    parties: { account: new Uint8Array(20), session: key.publicKey, node: 4 },
    name: "a",
    commodity: 0,
    store,
    link: {
      async post() {
        posted += 1;
        return { epoch: 3, window, reserved: "50000000", spare: "50000000" };
      },
      chain: async () => ({ epoch: 3, price: 1_000_000_000n, free: 10n ** 9n, reserved: 0n, paid: 0n }),
    },
    delegated: false,
    max: 10n ** 9n,
    acknowledged: () => 0n,
  };
  const first = new Reserver(options);
  first.received(3 * CREDIT_WINDOW_BYTES);
  first.expect(1 << 20);
  await eventually("it is reserved", () => posted === 1 && first.window === window);
  const reopened = new Reserver(options);
  await reopened.load();
  assert.equal(reopened.window, window);
  await reopened.update({ epoch: 3, window: 16 * CREDIT_WINDOW_BYTES, reserved: "0", spare: "0" });
  assert.equal(reopened.window, window, "what a node names and has not earned by delivering is not let have");
});

test("nodes that share a budget have half of what is left of it each: those that deliver nothing lock no more together", async () => {
  const budget = new ReserveBudget(1_000_000n);
  const key = createSession(new Uint8Array(32).fill(2));
  const signed: bigint[] = [];
  for (let node = 0; node < 12; node++) {
    const reserver = new Reserver({
      ...{ networkId: new Uint8Array(32), key, name: `node ${node}`, commodity: 0, store: memoryLaneStore() },
      parties: { account: new Uint8Array(20), session: key.publicKey, node },
      link: {
        async post(reserve) {
          reserver.arrived(2 ** 30);
          signed.push(decode(SignedReserve, fromHex(reserve)).reserve.amount);
          return { epoch: 3, window: CREDIT_WINDOW_BYTES, reserved: "0", spare: "0" };
        },
        chain: async () => ({ epoch: 3, price: 10n ** 9n, free: 10n ** 9n, reserved: 0n, paid: 0n }),
      },
      ...{ delegated: false, max: 1_000_000n, budget, acknowledged: () => 0n },
    });
    reserver.expect(2 ** 30);
    await eventually("it looked", () => signed.length > node || reserver.failure !== undefined);
  }
  assert.deepEqual(signed.slice(0, 3), [500_000n, 250_000n, 125_000n]);
  const all = signed.reduce((sum, amount) => sum + amount, 0n);
  assert.ok(all < 1_000_000n);
  assert.equal(budget.left("node 0"), (1_500_000n - all) / 2n, "a node's own does not count against it");
});
