import { ed25519Verify } from "#crypto";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { verifyAccountSignature } from "#protocol/digests/transactions.ts";

/** Checks every signature with the curves. */
export const signatureVerifier: SignatureVerifier = {
  account: verifyAccountSignature,
  ed25519: ed25519Verify,
};
