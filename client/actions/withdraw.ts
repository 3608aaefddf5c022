import type { Hex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { FlkClient } from "../client.ts";
import { type AccountSigner, sendTransaction } from "./send-transaction.ts";

/** Turns `amount` micro-USD of balance into payout, to be claimed on the L2 once the epoch has settled. */
export function withdraw(
  client: FlkClient,
  parameters: { signer: AccountSigner; amount: bigint; nonce?: number },
): Promise<Hex> {
  const { signer, amount, ...rest } = parameters;
  return sendTransaction(client, { signer, action: { kind: TX.withdraw, body: { amount } }, ...rest });
}
