import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "#client/actions/create-session.ts";
import { memoryLaneStore } from "#client/session/lane-store.ts";
import { Reserver } from "#client/session/reserver.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
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
