import type { Hex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { assertKey } from "../checks.ts";
import type { FlkClient } from "../client.ts";
import { type AccountSigner, sendTransaction } from "./send-transaction.ts";

/**
 * Ends a session key with the current epoch; what it has acknowledged stays payable. Returns the transaction's id.
 * @throws ERR_REQUEST (the key), ERR_AMOUNT, ERR_SIGNER, the node's codes
 */
export async function revokeSession(
  client: FlkClient,
  parameters: { signer: AccountSigner; key: Uint8Array; nonce?: number },
): Promise<Hex> {
  const { signer, key, ...rest } = parameters;
  assertKey(key, "key");
  return sendTransaction(client, { signer, action: { kind: TX.revokeSession, body: { key } }, ...rest });
}
