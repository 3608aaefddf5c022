import { SignedDelegation } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { getAccount } from "../actions/get-account.ts";
import { getPrices } from "../actions/get-prices.ts";
import { getSession } from "../actions/get-session.ts";
import type { FlkClient } from "../client.ts";
import { amount, integer, object } from "../rpc/json.ts";
import type { ChainFunds } from "./reserver.ts";

/** What a session key could reserve for a node now, and what it has reserved; micro-USD. */
export async function chainFunds(
  client: FlkClient,
  of: {
    account: Hex;
    session: Uint8Array;
    node: number;
    service: number;
    commodity: number;
    /** SSZ SignedDelegation, when `session` is a delegated key */
    delegation?: Hex;
  },
): Promise<ChainFunds> {
  const { account, session: key, node, service, commodity } = of;
  const signed = of.delegation === undefined ? undefined : decode(SignedDelegation, fromHex(of.delegation));
  const parent = signed?.delegation.session ?? key;
  const epoch = integer(await client.request("flk_get_epoch", []), "epoch");
  const [prices, funds, session, reservation, delegate] = await Promise.all([
    getPrices(client),
    getAccount(client, { address: account }),
    getSession(client, { account, key: parent }),
    client.request("flk_get_reservation", [account, toHex(key), node, epoch]),
    signed ? client.request("flk_get_delegate", [account, toHex(key), epoch]) : null,
  ]);
  const held = reservation === null ? undefined : object(reservation, "reservation");
  const left = session ? session.limit - session.spent - session.reserved : 0n;
  const own = signed && signed.delegation.limit - usedBy(delegate);
  const limit = own === undefined ? left : minBigint(left, own);
  return {
    epoch,
    price: prices.find((entry) => entry.service === service)?.prices[commodity] ?? 0n,
    free: minBigint(funds?.available ?? 0n, limit),
    reserved: held ? amount(held.amount, "amount") : 0n,
    paid: held ? amount(held.paid, "paid") : 0n,
  };
}

function usedBy(delegate: unknown): bigint {
  if (delegate === null) return 0n;
  const { spent, reserved } = object(delegate, "delegate");
  return amount(spent, "spent") + amount(reserved, "reserved");
}
