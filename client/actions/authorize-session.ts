import { SESSION_SCHEME_ED25519 } from "#protocol/types/ack.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { assertKey } from "../checks.ts";
import type { FlkClient } from "../client.ts";
import { type AccountSigner, sendTransaction } from "./send-transaction.ts";

/**
 * Lets a session key acknowledge for the account: until the end of `expiryEpoch`, at most `limit` micro-USD per epoch.
 * Returns the transaction's id. @throws ERR_REQUEST (the key), ERR_AMOUNT, ERR_SIGNER, the node's codes
 */
export async function authorizeSession(
  client: FlkClient,
  parameters: { signer: AccountSigner; key: Uint8Array; expiryEpoch: number; limit: bigint; nonce?: number },
): Promise<Hex> {
  const { signer, key, expiryEpoch, limit, ...rest } = parameters;
  assertKey(key, "key");
  const body = { scheme: SESSION_SCHEME_ED25519, key, expiryEpoch, limit };
  return sendTransaction(client, { signer, action: { kind: TX.authorizeSession, body }, ...rest });
}
