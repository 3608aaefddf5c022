import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { type Account, getAccount } from "./get-account.ts";

export type Balance = Pick<Account, "balance" | "reserved" | "available">;

/** Stablecoin balance on the protocol chain, and how much of it is reserved, micro-USD; 0 for an unknown account. */
export async function getBalance(client: FlkClient, { address }: { address: Hex }): Promise<Balance> {
  const account = await getAccount(client, { address });
  const { balance, reserved, available } = account ?? { balance: 0n, reserved: 0n, available: 0n };
  return { balance, reserved, available };
}
