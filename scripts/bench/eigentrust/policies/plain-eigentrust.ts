import { FOUNDERS, type Threat } from "../threats.ts";
import type { PolicyKind, Rating } from "./policy.ts";

const DAMPING = 0.2;
const ITERATIONS = 50;
/** the paper's: downloads from peers of trust 0 */
const UNKNOWN_SHARE = 0.1;

/** The algorithm of the paper, in floating point: c_ij = max(sat − unsat, 0) over the row, t = (1 − a)Cᵀt + ap. */
export const plainEigenTrust: PolicyKind = {
  name: "EigenTrust",
  make(threat, nodes) {
    const satisfied = Array.from({ length: nodes }, () => new Float64Array(nodes));
    const pretrust = pretrustOf(threat, nodes);
    let trust = pretrust;
    return {
      choice: () => ({
        weights: trust,
        unknown: Uint8Array.from(trust, (value) => (value === 0 ? 1 : 0)),
        unknownShare: UNKNOWN_SHARE,
      }),
      close({ ratings, renamed }) {
        for (const [reporter, rated] of ratings.entries()) add(satisfied[reporter], rated);
        for (const node of renamed) {
          satisfied[node]?.fill(0);
          for (const row of satisfied) row[node] = 0;
        }
        trust = iterate(satisfied, pretrust);
      },
    };
  },
};

export function pretrustOf(threat: Threat, nodes: number): Float64Array {
  const trusted = threat.pretrust === "founders" ? FOUNDERS : nodes;
  return Float64Array.from({ length: nodes }, (_, node) => (node < trusted ? 1 / trusted : 0));
}

function add(row: Float64Array | undefined, rated: Rating[]): void {
  if (!row) return;
  for (const { node, good, bad } of rated) row[node] = (row[node] ?? 0) + good - bad;
}

function iterate(satisfied: Float64Array[], pretrust: Float64Array): Float64Array {
  const rows = satisfied.map((row) => {
    const sum = row.reduce((total, value) => total + Math.max(0, value), 0);
    return sum === 0 ? pretrust : row.map((value) => Math.max(0, value) / sum);
  });
  let trust = pretrust;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = pretrust.map((value) => DAMPING * value);
    for (const [i, row] of rows.entries()) {
      const weight = (1 - DAMPING) * (trust[i] ?? 0);
      if (weight === 0) continue;
      for (let j = 0; j < row.length; j++) next[j] = (next[j] as number) + weight * (row[j] as number);
    }
    trust = next;
  }
  return trust;
}
