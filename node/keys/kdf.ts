/**
 * How hard a password is to guess: "standard" is the cost that Web3 Secret Storage and EIP-2335 publish (about a second
 * per key), "light" is for tests and throw-away networks only.
 */
export type Kdf = "standard" | "light";

export const SCRYPT_COST: Record<Kdf, { n: number; r: number; p: number }> = {
  standard: { n: 262_144, r: 8, p: 1 },
  light: { n: 1024, r: 8, p: 1 },
};

/** A file names its own cost; beyond these it would only exhaust memory or time. */
const MAX_SCRYPT_BLOCKS = 2 ** 24;
const MAX_PBKDF2_ROUNDS = 10_000_000;

export function isBoundedScrypt(params: { n: number; r: number; p: number }): boolean {
  const { n, r, p } = params;
  const counts = [n, r, p].every((value) => Number.isSafeInteger(value) && value > 0);
  return counts && n >= 2 && (n & (n - 1)) === 0 && n * r * p <= MAX_SCRYPT_BLOCKS;
}

export function isBoundedPbkdf2(rounds: number): boolean {
  return Number.isSafeInteger(rounds) && rounds > 0 && rounds <= MAX_PBKDF2_ROUNDS;
}
