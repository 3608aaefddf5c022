import type { Ed25519Signer } from "#crypto";
import { originHash, signDelegation } from "#protocol/digests/ack.ts";
import { SignedDelegation } from "#protocol/types/ack.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { assertKey, assertParameter, assertU64, isOrigin } from "../checks.ts";
import type { FlkClient } from "../client.ts";

export interface DelegateParameters {
  /** who pays */
  account: Hex;
  /** a session key that the account has authorised */
  session: Ed25519Signer;
  /** public key of the delegated one, 32 bytes */
  subkey: Uint8Array;
  /** web origin such as `https://example.com` or `chrome-extension://ID`, to whose pages alone nodes serve the key; any client when absent */
  origin?: string;
  /** micro-USD per epoch */
  limit: bigint;
  /** first and last epoch */
  epochs: { from: number; to: number };
}

/**
 * Lets `subkey` acknowledge and reserve for the account within the session key's limits. No transaction: the result (SSZ
 * SignedDelegation) goes to whoever has the subkey, for `openSession`. It ends with its epochs, or with the session key.
 * @throws ERR_AMOUNT, ERR_HEX (the account), ERR_REQUEST (what no node would take)
 */
export function delegate(client: FlkClient, parameters: DelegateParameters): Hex {
  const { account, session, subkey, origin, limit, epochs } = parameters;
  assertU64(limit, "limit");
  assertU64(epochs.from, "epochs.from");
  assertU64(epochs.to, "epochs.to");
  assertParameter(epochs.from <= epochs.to, `epochs ${epochs.from} to ${epochs.to} are none`);
  assertKey(subkey, "subkey");
  assertParameter(origin === undefined || isOrigin(origin), `not an origin: ${origin}`);
  const delegation = {
    account: fromHex(account, 20),
    session: session.publicKey,
    subkey,
    from: epochs.from,
    to: epochs.to,
    limit,
    origin: origin === undefined ? new Uint8Array(32) : originHash(origin),
  };
  return toHex(SignedDelegation.serialize(signDelegation(client.network.networkId, delegation, session)));
}
