import { type Ed25519Signer, ed25519Signer } from "#crypto";
import { SESSION_SCHEME_ED25519 } from "#protocol/types/ack.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, secret, signedBy } from "../support/accounts.ts";

/** micro-USD per epoch */
const LIMIT = 500_000_000n;

export function sessionOf(number: number): Ed25519Signer {
  return ed25519Signer(secret(0x5e, number));
}

/** The signed transaction by which client `number` authorises its session key. */
export function authorization(number: number): Uint8Array {
  const body = {
    ...{ account: accountOf(number), nonce: 0, scheme: SESSION_SCHEME_ED25519 },
    ...{ key: sessionOf(number).publicKey, expiryEpoch: 100, limit: LIMIT },
  };
  return signedBy(number, { kind: TX.authorizeSession, body });
}
