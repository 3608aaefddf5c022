import type { PolicyKind, Rating } from "./policy.ts";

const MIN_REPORTS = 4;
const DEFAULT_SCORE = 15;
const DEFAULT_QUANTILE = 0.15;
const KEPT = 0.7;
const OUTLIER = 9;

/**
 * Lightning's rule on the one metric that there is here, interactions: reports weighted by their reporter's score, z² < 9,
 * min-max over the nodes, 0.7 of the old score kept; too few reports count as 0. That it routes by score is ours.
 */
export const weightedMean: PolicyKind = {
  name: "weighted mean",
  make(_, nodes) {
    const scores: (number | undefined)[] = new Array(nodes).fill(undefined);
    return {
      choice: () => {
        const unknown = defaultScore(scores);
        return {
          weights: Float64Array.from(scores, (score) => score ?? unknown),
          unknown: new Uint8Array(nodes),
          unknownShare: 0,
        };
      },
      close({ ratings, renamed }) {
        const metrics = metricsOf(ratings, scores, nodes);
        const found = metrics.filter((metric) => metric !== undefined);
        const [low, high] = [Math.min(...found), Math.max(...found)];
        for (const [node, metric] of metrics.entries()) {
          const now = metric === undefined ? 0 : high === low ? 100 : (100 * (metric - low)) / (high - low);
          const old = scores[node];
          if (old === undefined && metric === undefined) continue;
          scores[node] = old === undefined ? now : KEPT * old + (1 - KEPT) * now;
        }
        for (const node of renamed) scores[node] = undefined;
      },
    };
  },
};

function defaultScore(scores: (number | undefined)[]): number {
  const known = scores.filter((score) => score !== undefined).sort((a, b) => a - b);
  return known[Math.floor(known.length * DEFAULT_QUANTILE)] ?? DEFAULT_SCORE;
}

function metricsOf(
  ratings: Rating[][],
  scores: (number | undefined)[],
  nodes: number,
): (number | undefined)[] {
  const unknown = defaultScore(scores);
  const said: { value: number; weight: number }[][] = Array.from({ length: nodes }, () => []);
  for (const [reporter, rated] of ratings.entries()) {
    const weight = scores[reporter] ?? unknown;
    for (const { node, good, bad } of rated) said[node]?.push({ value: good - bad, weight });
  }
  return said.map(meanOf);
}

function meanOf(said: { value: number; weight: number }[]): number | undefined {
  if (said.length < MIN_REPORTS) return undefined;
  const mean = said.reduce((sum, { value }) => sum + value, 0) / said.length;
  const variance = said.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (said.length - 1);
  const kept = said.filter(({ value }) => variance === 0 || (value - mean) ** 2 / variance < OUTLIER);
  const weight = kept.reduce((sum, one) => sum + one.weight, 0);
  return weight === 0 ? undefined : kept.reduce((sum, one) => sum + one.value * one.weight, 0) / weight;
}
