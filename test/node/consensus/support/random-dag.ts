import type { Vertex } from "#node/consensus/dag.ts";
import { DagBuilder } from "./dag-builder.ts";

export function numbersOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function shuffled<T>(items: readonly T[], numbers: () => number): T[] {
  return items
    .map((item) => ({ item, at: numbers() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** How members behave: probabilities. */
export interface Behaviour {
  /** of a member beyond a quorum to make no vertex in a round */
  failing: number;
  /** of a vertex to come late; 0 when left out */
  slow?: number;
  /** of a late vertex to be left out, where it can, by a member of the next round; 0 when left out */
  unreferenced?: number;
}

export interface RandomDag extends Behaviour {
  rounds: number;
  numbers: () => number;
  /** 1 for each member when it is left out */
  powers?: readonly number[];
  /** members without a vertex in a round, at most f */
  down?: (round: number) => readonly number[];
  /** probability that a vertex leaves the leader of the round before out, where it can */
  hostile?: number;
}

/** A DAG in which every vertex has a quorum of random parents and members fall behind or fail at random. */
export function randomDag(size: number, options: RandomDag): DagBuilder {
  const { rounds, failing, numbers, powers, down = () => [], hostile = 0 } = options;
  const { slow = 0, unreferenced = 0 } = options;
  const dag = new DagBuilder(size, Math.floor(numbers() * 200), powers);
  const { quorum } = dag.committee;
  const power = (vertices: readonly { author: number }[]) =>
    vertices.reduce((sum, { author }) => sum + dag.committee.powerOf(author), 0);
  let below = dag.row(1, dag.members(...down(1)), []);
  for (let round = 2; round <= rounds; round++) {
    const row: Vertex[] = [];
    const led = dag.leader(round - 1);
    const late = new Set(slow > 0 ? below.filter(() => numbers() < slow) : []);
    for (const author of shuffled(dag.members(...down(round)), numbers)) {
      if (power(row) >= quorum && numbers() < failing) continue;
      const order = shuffled(below, numbers);
      const unseen = new Set(order.filter((vertex) => late.has(vertex) && numbers() < unreferenced));
      order.sort((a, b) => Number(unseen.has(a)) - Number(unseen.has(b)));
      if (numbers() < hostile) order.sort((a, b) => Number(a.author === led) - Number(b.author === led));
      let count = 1;
      while (power(order.slice(0, count)) < quorum) count++;
      const most = Math.max(count, below.length - unseen.size);
      if (hostile === 0) count += Math.floor(numbers() * (most - count + 1));
      row.push(dag.vertex(round, author, order.slice(0, count)));
    }
    below = row;
  }
  return dag;
}

/** The same vertices in another causal order. `heldBack`: come as late as they can. */
export function causalShuffle(
  vertices: readonly Vertex[],
  numbers: () => number,
  heldBack: (vertex: Vertex) => boolean = () => false,
): Vertex[] {
  const known = new Set(vertices.map(({ id }) => id));
  const waiting = new Map<string, number>();
  const children = new Map<string, Vertex[]>();
  const free: Vertex[] = [];
  for (const vertex of vertices) {
    const parents = vertex.parents.filter((id) => known.has(id));
    if (parents.length === 0) free.push(vertex);
    waiting.set(vertex.id, parents.length);
    for (const id of parents) children.set(id, [...(children.get(id) ?? []), vertex]);
  }
  const out: Vertex[] = [];
  while (free.length > 0) {
    const start = Math.floor(numbers() * free.length);
    const steps = free.findIndex((_, step) => !heldBack(free[(start + step) % free.length] as Vertex));
    const at = (start + Math.max(0, steps)) % free.length;
    const next = free[at] as Vertex;
    free[at] = free.at(-1) as Vertex;
    free.pop();
    out.push(next);
    for (const child of children.get(next.id) ?? []) {
      const left = (waiting.get(child.id) ?? 0) - 1;
      waiting.set(child.id, left);
      if (left === 0) free.push(child);
    }
  }
  return out;
}
