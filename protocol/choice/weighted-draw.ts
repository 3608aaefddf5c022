/** Part of every choice of nodes that is for those that nobody measured yet (REP-LIST, REP-ROUTE). */
export const NEWCOMER_SHARE = 1 / 20;

/**
 * Where something stands in a draw without repetition by weight: the least k keys are k draws. Infinity for weight 0.
 * `chance`: uniform in (0, 1), another one for each.
 */
export function drawKey(chance: number, weight: number): number {
  return -Math.log(chance) / weight;
}
