import { minBigint } from "#protocol/types/bigint.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { getAccount } from "../actions/get-account.ts";
import { getPrices } from "../actions/get-prices.ts";
import { getSession } from "../actions/get-session.ts";
import type { FlkClient } from "../client.ts";
import { amount, integer, object } from "../rpc/json.ts";
import type { ChainFunds } from "./reserver.ts";

/** What a session key could reserve for a node now, and what it has reserved; micro-USD. */
export async function chainFunds(
  client: FlkClient,
  of: { account: Hex; session: Uint8Array; node: number; service: number; commodity: number },
): Promise<ChainFunds> {
  const { account, session: key, node, service, commodity } = of;
  const [epoch, prices, funds, session, reservation] = await Promise.all([
    client.request("flk_get_epoch", []),
    getPrices(client),
    getAccount(client, { address: account }),
    getSession(client, { account, key }),
    client.request("flk_get_reservation", [account, toHex(key), node]),
  ]);
  const held = reservation === null ? undefined : object(reservation, "reservation");
  const limit = session ? session.limit - session.spent - session.reserved : 0n;
  return {
    epoch: integer(epoch, "epoch"),
    price: prices.find((entry) => entry.service === service)?.prices[commodity] ?? 0n,
    free: minBigint(funds?.available ?? 0n, limit),
    reserved: held ? amount(held.amount, "amount") : 0n,
    paid: held ? amount(held.paid, "paid") : 0n,
  };
}
