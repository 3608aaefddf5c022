import { bytesKey } from "../types/bytes-key.ts";

/** Signatures that verified lately; each key is all that the check depends on. */
const verified = new Set<string>();
const MAX_VERIFIED = 16_384;

/**
 * Whether `check` holds, which depends on the bytes of `parts` alone, each of a length of its own. A transaction is checked when
 * it is taken, and again in its block: what verified once is not checked again. What does not verify is not remembered, so that
 * it displaces nothing.
 */
export function verifiedOnce(parts: readonly Uint8Array[], check: () => boolean): boolean {
  const id = parts.map(bytesKey).join("");
  if (verified.has(id)) return true;
  if (!check()) return false;
  if (verified.size >= MAX_VERIFIED) verified.clear();
  verified.add(id);
  return true;
}
