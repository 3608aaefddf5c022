import type { CommitteeView } from "./committee.ts";
import type { Dag, Vertex } from "./dag.ts";

/** How far ordering has got; a function of the commits so far alone. */
export interface OrderCursor {
  /** index of the next sub-DAG */
  next: number;
  lastCommittedRound: number;
  /** round of each author's newest ordered certificate */
  lastCommitted: ReadonlyMap<number, number>;
}

export interface SubDag {
  index: number;
  anchor: Vertex;
  /** of the anchor */
  parents: Vertex[];
  /** in order; the anchor is the last */
  vertices: Vertex[];
  /** after this commit */
  cursor: OrderCursor;
}

export const INITIAL_CURSOR: OrderCursor = { next: 0, lastCommittedRound: 0, lastCommitted: new Map() };

/**
 * The commit rule of partially synchronous Bullshark. Anchors on even rounds; f+1 certificates of the next round that
 * have the anchor as a parent commit it, and with it every earlier uncommitted anchor that it reaches by a path.
 */
export class Bullshark {
  #committee: CommitteeView;
  #dag: Dag;
  #gcDepth: number;
  #cursor: OrderCursor;

  constructor(committee: CommitteeView, dag: Dag, gcDepth: number, cursor: OrderCursor = INITIAL_CURSOR) {
    this.#committee = committee;
    this.#dag = dag;
    this.#gcDepth = gcDepth;
    this.#cursor = cursor;
  }

  get cursor(): OrderCursor {
    return this.#cursor;
  }

  /** The highest round that no later anchor can order any more. */
  get gcRound(): number {
    return Math.max(0, this.#cursor.lastCommittedRound - this.#gcDepth);
  }

  /** Call for each certificate right after it was inserted; returns what it commits, oldest first. */
  process(vertex: Vertex): SubDag[] {
    const round = vertex.round - 1;
    if (round % 2 !== 0 || round <= this.#cursor.lastCommittedRound) return [];
    const anchor = this.#anchor(round);
    if (!anchor || this.#support(anchor) < this.#committee.validity) return [];
    return this.#chain(anchor).map((next) => this.#order(next));
  }

  #anchor(round: number): Vertex | undefined {
    const leader = this.#committee.leader(round);
    return leader === undefined ? undefined : this.#dag.at(round, leader);
  }

  #support(anchor: Vertex): number {
    let power = 0;
    for (const vertex of this.#dag.round(anchor.round + 1)) {
      if (vertex.parents.includes(anchor.id)) power += this.#committee.powerOf(vertex.author);
    }
    return power;
  }

  /** The uncommitted anchors up to `anchor`, each linked to the next, oldest first. */
  #chain(anchor: Vertex): Vertex[] {
    const chain = [anchor];
    let current = anchor;
    for (let round = anchor.round - 2; round > this.#cursor.lastCommittedRound; round -= 2) {
      const previous = this.#anchor(round);
      if (previous && this.#linked(current, previous)) {
        chain.unshift(previous);
        current = previous;
      }
    }
    return chain;
  }

  #linked(from: Vertex, to: Vertex): boolean {
    let layer = new Map([[from.id, from]]);
    for (let round = from.round - 1; round >= to.round; round--) {
      const below = new Map<string, Vertex>();
      for (const vertex of layer.values()) {
        for (const id of vertex.parents) {
          const parent = this.#dag.get(id);
          if (parent) below.set(id, parent);
        }
      }
      layer = below;
    }
    return layer.has(to.id);
  }

  #order(anchor: Vertex): SubDag {
    const bottom = anchor.round - this.#gcDepth;
    const seen = new Set([anchor.id]);
    const vertices: Vertex[] = [];
    const stack = [anchor];
    for (let vertex = stack.pop(); vertex; vertex = stack.pop()) {
      vertices.push(vertex);
      for (const id of vertex.parents) {
        const parent = this.#dag.get(id);
        if (!parent || seen.has(id) || parent.round <= bottom) continue;
        if (parent.round <= (this.#cursor.lastCommitted.get(parent.author) ?? 0)) continue;
        seen.add(id);
        stack.push(parent);
      }
    }
    vertices.sort((a, b) => a.round - b.round);
    const lastCommitted = new Map(this.#cursor.lastCommitted);
    for (const { author, round } of vertices) {
      lastCommitted.set(author, Math.max(round, lastCommitted.get(author) ?? 0));
    }
    const index = this.#cursor.next;
    this.#cursor = { next: index + 1, lastCommittedRound: anchor.round, lastCommitted };
    const parents = anchor.parents.flatMap((id) => this.#dag.get(id) ?? []);
    return { index, anchor, parents, vertices, cursor: this.#cursor };
  }
}
