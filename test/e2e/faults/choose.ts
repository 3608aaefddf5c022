import type { Rng } from "#scripts/bench/support/rng.ts";

/** @throws RangeError when there is none */
export function chooseOne<T>(items: readonly T[], rng: Rng): T {
  const chosen = items[rng.int(0, items.length - 1)];
  if (chosen === undefined) throw new RangeError("nothing to choose from");
  return chosen;
}

/** `count` different ones. */
export function choose<T>(items: readonly T[], count: number, rng: Rng): T[] {
  const left = [...items];
  return Array.from({ length: count }, () => left.splice(rng.int(0, left.length - 1), 1)).flat();
}
