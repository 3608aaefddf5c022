import { blake3 } from "#crypto";

/** Part of every choice of nodes that is for those that nobody measured yet (REP-LIST, REP-ROUTE). */
export const NEWCOMER_SHARE = 1 / 20;

/**
 * Where something stands in a draw without repetition by weight: the least k keys are k draws. Infinity for weight 0: last.
 * `chance`: uniform in (0, 1], another one for each.
 */
export function drawKey(chance: number, weight: number): number {
  return weight > 0 ? -Math.log(chance) / weight : Number.POSITIVE_INFINITY;
}

/** All of them, in the order of a draw without repetition; those of weight 0 last. `random`: in [0, 1). */
export function inDrawnOrder<T>(
  items: readonly T[],
  weightOf: (item: T) => number,
  random: () => number,
): T[] {
  return items
    .map((item) => ({ item, key: drawKey(1 - random(), weightOf(item)) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}

/** In (0, 1), another one for each id; the same for whoever knows the seed. */
export function chanceOf(seed: Uint8Array, id: number): number {
  const input = new Uint8Array(seed.length + 4);
  input.set(seed);
  new DataView(input.buffer).setUint32(seed.length, id);
  return (new DataView(blake3(input).buffer).getUint32(0) + 0.5) / 2 ** 32;
}
