import { secp256k1 } from "@noble/curves/secp256k1.js";

/** As `recoverPublicKey` of `#crypto`, in JavaScript: for browsers, and where the native library has no build. */
export function recoverInJavaScript(
  digest: Uint8Array,
  signature: Uint8Array,
  recovery: 0 | 1,
): Uint8Array | undefined {
  if (digest.length !== 32 || signature.length !== 64) return undefined;
  try {
    const parsed = secp256k1.Signature.fromBytes(signature, "compact").addRecoveryBit(recovery);
    return parsed.recoverPublicKey(digest).toBytes(false);
  } catch {
    return undefined;
  }
}
