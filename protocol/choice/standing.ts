/** ms: where nothing was measured, and what is added to every distance. */
export const NEAR_MS = 20;
/** Weight falls with the fourth power of the distance. */
const NEARNESS_POWER = 4;
/** Nearness multiplies a weight by no more than this, against a node at the middle distance: a node may only seem to be near. */
const MOST_NEARNESS = 10;
/** Nodes nearer than this part of all count as near as the last of that part. */
const NEAREST = 1 / 10;
/** Nodes below this part of the usual score are not drawn while others are left, however near they are. */
const LEAST_SCORE = 1 / 2;

/** `LEAST_SCORE` of the usual score: nodes of that one, or more, hold half of all score, so that many bad ones do not lower it (REP-ROUTE). */
export function leastScore(scores: readonly number[]): number {
  let left = scores.reduce((sum, score) => sum + score, 0) / 2;
  for (const score of [...scores].sort((a, b) => b - a)) {
    left -= score;
    if (left <= 0) return score * LEAST_SCORE;
  }
  return 0;
}

/** What a distance (ms) multiplies a weight by, among nodes of these distances (REP-ROUTE). */
export function nearnessAmong(distances: readonly number[]): (distance: number) => number {
  const sorted = [...distances].sort((a, b) => a - b);
  const at = (part: number): number => NEAR_MS + (sorted[Math.floor(sorted.length * part)] ?? NEAR_MS);
  const [nearest, middle] = [at(NEAREST), at(1 / 2)];
  return (distance) => {
    const counted = Math.max(nearest, NEAR_MS + distance);
    return Math.min(MOST_NEARNESS, (middle / counted) ** NEARNESS_POWER);
  };
}
