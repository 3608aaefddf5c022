import type { NetworkContext } from "#protocol/digests/network.ts";
import type { AccountTransaction } from "#protocol/digests/transactions.ts";

/** One signature, by all of `keys` over one message. */
export interface SignatureSet {
  keys: Uint8Array[];
  message: Uint8Array;
  signature: Uint8Array;
}

/**
 * BLS as consensus uses it. The simulator has an implementation that binds key and message without curves; production
 * is protocol/crypto/bls.ts. `key` is a consensus public key, 48 bytes.
 */
export interface ConsensusVerifier {
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** one message by all of `keys` */
  verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array): boolean;
  aggregate(signatures: Uint8Array[]): Uint8Array;
  /**
   * Whether `verifyAggregate` says yes to each of the sets; not which one it is that is wrong. Only where that costs less than
   * one by one. It may draw random numbers, which change the answer with a chance of 2^-64 and only when a set is wrong.
   */
  verifyAll?(sets: readonly SignatureSet[]): boolean;
}

/**
 * The signatures that transactions carry. Pure: the same arguments give the same answer for ever, so that whoever gave it
 * once may remember it. Production is node/transition/block/signatures.ts.
 */
export interface SignatureVerifier {
  /** Of an account, over the EIP-712 digest of `tx`; false for anything malformed. */
  account(network: NetworkContext, tx: AccountTransaction, signature: Uint8Array): boolean;
  /** Of a session or network key (32 bytes) over a digest. */
  ed25519(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean;
}

export interface ConsensusSigner {
  readonly publicKey: Uint8Array;
  /** Raw signature; callers record in the protection store first (DESIGN §6). */
  sign(message: Uint8Array): Uint8Array;
}
