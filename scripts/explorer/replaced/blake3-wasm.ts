import { blake3 } from "@noble/hashes/blake3.js";

/** In place of `blake3-wasm`: the page's policy compiles no WebAssembly, and it hashes transactions of a few hundred bytes at most. */
export function createHash(): { update(bytes: Uint8Array): void; digest(): Uint8Array } {
  const hasher = blake3.create({});
  return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest() };
}
