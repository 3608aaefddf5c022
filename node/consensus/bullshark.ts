import type { CommitteeView } from "./committee.ts";
import type { Dag, Vertex } from "./dag.ts";
import { afterCommit, FIRST_SCHEDULE, type LeaderSchedule, leaderIn } from "./leader-schedule.ts";

/** BUL-CURSOR: how far ordering has got; a function of the commits so far alone. */
export interface OrderCursor {
  /** index of the next sub-DAG */
  next: number;
  lastCommittedRound: number;
  /** id of the last committed anchor, empty before the first */
  lastAnchor: string;
  /** round of each author's newest ordered certificate */
  lastCommitted: ReadonlyMap<number, number>;
  /** in force for the rounds above the last committed one */
  schedule: LeaderSchedule;
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

export const INITIAL_CURSOR: OrderCursor = {
  next: 0,
  lastCommittedRound: 0,
  lastAnchor: "",
  lastCommitted: new Map(),
  schedule: FIRST_SCHEDULE,
};

/**
 * The commit rule of partially synchronous Bullshark (BUL-COMMIT). Anchors on even rounds; f+1 certificates of the next
 * round that have the anchor as a parent commit it, and with it every earlier uncommitted anchor that it reaches by a
 * path. When a commit ends a leader schedule, the rounds above it have other anchors, and all of them are judged again.
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

  /** BUL-GC: the highest round that no later anchor can order any more. */
  get gcRound(): number {
    return Math.max(0, this.#cursor.lastCommittedRound - this.#gcDepth);
  }

  /** Who leads a round above the last committed one, as far as the commits so far tell; undefined for all others. */
  leader(round: number): number | undefined {
    const { lastCommittedRound, schedule } = this.#cursor;
    return round > lastCommittedRound ? leaderIn(this.#committee, schedule, round) : undefined;
  }

  /** Call for each certificate right after it was inserted; returns what it commits, oldest first. */
  process(vertex: Vertex): SubDag[] {
    const committed: SubDag[] = [];
    for (let anchor = this.#supported(vertex.round - 1); anchor; anchor = this.#firstSupported()) {
      const { number } = this.#cursor.schedule;
      for (const next of this.#chain(anchor)) {
        committed.push(this.#order(next));
        if (this.#cursor.schedule.number !== number) break;
      }
    }
    return committed;
  }

  #anchor(round: number): Vertex | undefined {
    const leader = this.leader(round);
    return leader === undefined ? undefined : this.#dag.at(round, leader);
  }

  /** The anchor of `round` if it is uncommitted and f+1 commit it. */
  #supported(round: number): Vertex | undefined {
    const anchor = this.#anchor(round);
    return anchor && this.#support(anchor) >= this.#committee.validity ? anchor : undefined;
  }

  /** BUL-RECOMPUTE, after a new schedule: the votes for its anchors may have come long ago. */
  #firstSupported(): Vertex | undefined {
    for (let round = this.#cursor.lastCommittedRound + 2; round < this.#dag.highestRound; round += 2) {
      const anchor = this.#supported(round);
      if (anchor) return anchor;
    }
    return undefined;
  }

  #support(anchor: Vertex): number {
    let power = 0;
    for (const vertex of this.#dag.round(anchor.round + 1)) {
      if (vertex.parents.includes(anchor.id)) power += this.#committee.powerOf(vertex.author);
    }
    return power;
  }

  /** BUL-CHAIN: the uncommitted anchors up to `anchor`, each linked to the next, oldest first. */
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

  /** BUL-ORDER: the anchor's history that is not ordered yet, ascending by round. */
  #order(anchor: Vertex): SubDag {
    const vertices = this.#history(anchor);
    const { next: index, lastAnchor, lastCommittedRound, schedule } = this.#cursor;
    const lastCommitted = new Map(this.#cursor.lastCommitted);
    for (const { author, round } of vertices) {
      lastCommitted.set(author, Math.max(round, lastCommitted.get(author) ?? 0));
    }
    const voters = vertices
      .filter(({ round, parents }) => round === lastCommittedRound + 1 && parents.includes(lastAnchor))
      .map(({ author }) => author);
    this.#cursor = {
      next: index + 1,
      lastCommittedRound: anchor.round,
      lastAnchor: anchor.id,
      lastCommitted,
      schedule: afterCommit(this.#committee, schedule, voters),
    };
    const parents = anchor.parents.flatMap((id) => this.#dag.get(id) ?? []);
    return { index, anchor, parents, vertices, cursor: this.#cursor };
  }

  #history(anchor: Vertex): Vertex[] {
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
    return vertices.sort((a, b) => a.round - b.round);
  }
}
