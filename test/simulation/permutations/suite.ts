import type { Vertex } from "#node/consensus/dag.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import type { DagBuilder } from "#test/node/consensus/support/dag-builder.ts";
import { type Behaviour, causalShuffle, randomDag } from "#test/node/consensus/support/random-dag.ts";

const SIZES = [4, 7, 10];
const GC_DEPTHS = [6, 7, 10];
const ROUNDS = [8, 10, 12, 15];
const BEHAVIOURS: (Behaviour & { hostile?: number })[] = [
  { failing: 0.1, slow: 0.1, unreferenced: 0.5 },
  { failing: 0, slow: 0.33, unreferenced: 0.7 },
  { failing: 0, slow: 0.4, unreferenced: 0.95 },
  { failing: 0.1, slow: 0.33, unreferenced: 0.7, hostile: 0.8 },
];
/** DAGs, and causal orders of each */
const COUNTS = { full: [400, 500], sample: [144, 16] } as const;

export interface PermutationResult {
  dags: number;
  orders: number;
  /** orders of arrival that gave another order than the first */
  different: number;
}

/** Random DAGs over every size, depth and length in turn, each in many causal orders: Bullshark makes one order of them. */
export function runPermutations(size: keyof typeof COUNTS): PermutationResult {
  const [dags, orders] = COUNTS[size];
  let different = 0;
  for (let at = 0; at < dags; at++) different += differing(at, orders);
  return { dags, orders: dags * orders, different };
}

function differing(at: number, orders: number): number {
  const rng = new Rng(at + 1);
  const numbers = () => rng.next();
  const pick = <T>(items: readonly T[], every: number) => items[Math.floor(at / every) % items.length] as T;
  const gcDepth = pick(GC_DEPTHS, SIZES.length);
  const rounds = pick(ROUNDS, SIZES.length * GC_DEPTHS.length);
  const behaviour = pick(BEHAVIOURS, SIZES.length * GC_DEPTHS.length * ROUNDS.length);
  const dag = randomDag(pick(SIZES, 1), { rounds, numbers, ...behaviour });
  const first = sequenceOf(dag, gcDepth, numbers);
  let different = 0;
  for (let order = 1; order < orders; order++) {
    if (sequenceOf(dag, gcDepth, numbers) !== first) different++;
  }
  return different;
}

/** At random; in half of the orders all of one member comes as late as it can. */
function arrival(dag: DagBuilder, numbers: () => number): Vertex[] {
  const members = dag.members();
  const late = members[Math.floor(2 * numbers() * members.length)];
  return causalShuffle(dag.made, numbers, ({ author }) => author === late);
}

/** Every sub-DAG with its vertices in order. */
function sequenceOf(dag: DagBuilder, gcDepth: number, numbers: () => number): string {
  const { subDags } = dag.order({ gcDepth }).addAll(arrival(dag, numbers));
  return subDags
    .map(({ vertices }) => vertices.map(({ round, author }) => `${round}.${author}`).join())
    .join("/");
}
