import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { amount, integer, object } from "../rpc/json.ts";

/** micro-USD, wei; payouts are cumulative */
export interface Account {
  balance: bigint;
  /** of the balance, locked for nodes (`Reserve`) */
  reserved: bigint;
  /** balance − reserved */
  available: bigint;
  depositsSeen: bigint;
  /** of the next transaction */
  nonce: number;
  payoutStable: bigint;
  payoutFlk: bigint;
}

/** The account as the node's last block has it; undefined when the chain has not seen it. */
export async function getAccount(
  client: FlkClient,
  { address }: { address: Hex },
): Promise<Account | undefined> {
  const result = await client.request("flk_get_account_info", [address]);
  if (result === null) return undefined;
  const account = object(result, "account");
  return {
    balance: amount(account.stables_balance, "stables_balance"),
    reserved: amount(account.reserved, "reserved"),
    available: amount(account.available, "available"),
    depositsSeen: amount(account.deposits_seen, "deposits_seen"),
    nonce: integer(account.nonce, "nonce"),
    payoutStable: amount(account.payout_stable, "payout_stable"),
    payoutFlk: amount(account.payout_flk, "payout_flk"),
  };
}
