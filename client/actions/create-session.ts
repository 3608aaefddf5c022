import { type Ed25519Signer, ed25519Signer, secureRandom } from "#crypto";

export interface SessionKey extends Ed25519Signer {
  /** 32 secret bytes, to keep the key */
  seed: Uint8Array;
}

/** A session key, new or from its seed. It can sign nothing until `authorizeSession` has named it. */
export function createSession(seed: Uint8Array = secureRandom(32)): SessionKey {
  return { ...ed25519Signer(seed), seed };
}
