/**
 * BLS as consensus uses it. The simulator has an implementation that binds key and message without curves; production
 * is protocol/crypto/bls.ts. `key` is a consensus public key, 48 bytes.
 */
export interface ConsensusVerifier {
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** one message by all of `keys` */
  verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean;
  aggregate(signatures: Uint8Array[]): Uint8Array;
}

export interface ConsensusSigner {
  readonly publicKey: Uint8Array;
  /** Raw signature; callers record in the protection store first (DESIGN §6). */
  sign(message: Uint8Array): Uint8Array;
}
