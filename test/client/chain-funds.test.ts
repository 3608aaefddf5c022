import assert from "node:assert/strict";
import { test } from "node:test";
import type { FlkClient } from "#client/client.ts";
import { chainFunds } from "#client/session/chain-funds.ts";

test("what is reserved is asked for in the epoch that is named, also when an RPC is still in the one before", async () => {
  const answers: Record<string, (params: unknown[]) => unknown> = {
    flk_get_epoch: () => 8,
    flk_get_services: () => [{ service_id: 0, prices: ["7"] }],
    flk_get_account_info: () => null,
    flk_get_session: () => null,
    flk_get_reservation: ([, , , epoch = 7]) => (epoch === 7 ? { amount: "500", paid: "20" } : null),
  };
  const request = async (method: string, params: unknown[]) => answers[method]?.(params);
  const of = {
    account: `0x${"01".repeat(20)}` as const,
    session: new Uint8Array(32),
    node: 4,
    service: 0,
    commodity: 0,
  };
  const funds = await chainFunds({ request } as unknown as FlkClient, of);
  assert.deepEqual(funds, { epoch: 8, price: 7n, free: 0n, reserved: 0n, paid: 0n });
});
