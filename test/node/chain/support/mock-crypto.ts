import { sha256 } from "#crypto";
import type { ConsensusSigner, ConsensusVerifier } from "#node/interface/crypto.ts";
import { equalBytes } from "#protocol/types/codec.ts";

/** Binds key and message without curves; aggregation is XOR, so that a missing or foreign share changes it. */
function sign(key: Uint8Array, message: Uint8Array): Uint8Array {
  const parts = [0, 1, 2].map((i) => sha256(Uint8Array.of(i), key, message));
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

function aggregate(signatures: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(96);
  for (const signature of signatures)
    for (let i = 0; i < 96; i++) out[i] = (out[i] ?? 0) ^ (signature[i] ?? 0);
  return out;
}

export const mockVerifier: ConsensusVerifier = {
  verify: (key, message, signature) => equalBytes(sign(key, message), signature),
  verifyAggregate: (keys, message, signature) =>
    keys.length > 0 && equalBytes(aggregate(keys.map((key) => sign(key, message))), signature),
  aggregate,
};

export function mockSigner(publicKey: Uint8Array): ConsensusSigner {
  return { publicKey, sign: (message) => sign(publicKey, message) };
}
