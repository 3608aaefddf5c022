import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { amount } from "../rpc/json.ts";

/** Stablecoin balance on the protocol chain, micro-USD; 0 for an unknown account. */
export async function getBalance(client: FlkClient, { address }: { address: Hex }): Promise<bigint> {
  return amount(await client.request("flk_get_stables_balance", [address]), "balance");
}
