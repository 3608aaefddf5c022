import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { FlkClient } from "../client.ts";
import { type AccountSigner, sendTransaction } from "./send-transaction.ts";

/** Moves `amount` micro-USD of protocol balance to another account. Returns the transaction's id. */
export function transfer(
  client: FlkClient,
  parameters: { signer: AccountSigner; to: Hex; amount: bigint; nonce?: number },
): Promise<Hex> {
  const { signer, to, amount, ...rest } = parameters;
  return sendTransaction(client, {
    signer,
    action: { kind: TX.transfer, body: { to: fromHex(to, 20), amount } },
    ...rest,
  });
}
