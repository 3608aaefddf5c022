import type { Rng } from "#test/simulation/support/rng.ts";

/** `count` different ones. */
export function choose<T>(items: readonly T[], count: number, rng: Rng): T[] {
  const left = [...items];
  return Array.from({ length: count }, () => left.splice(rng.int(0, left.length - 1), 1)).flat();
}
