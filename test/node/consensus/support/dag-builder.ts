import { BitArray } from "@chainsafe/ssz";
import { sha256 } from "#crypto";
import { Bullshark, type OrderCursor, type SubDag } from "#node/consensus/bullshark.ts";
import { CommitteeView } from "#node/consensus/committee.ts";
import { Dag, type Vertex, vertexOf } from "#node/consensus/dag.ts";
import { type EpochRules, epochRules } from "#node/consensus/header.ts";
import { isAnchorRound } from "#node/consensus/leader.ts";
import { keyBytes } from "#protocol/types/bytes-key.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { BatchRef, L2Checkpoint } from "#protocol/types/consensus.ts";
import { mockVerifier } from "#test/node/chain/support/mock-crypto.ts";

export const NETWORK_ID = sha256(Uint8Array.of(1, 2, 3));
export const OPENING = sha256(Uint8Array.of(4));
export const EPOCH = 3;

export function keyOf(nodeId: number): Uint8Array {
  const key = sha256(Uint8Array.of(nodeId));
  return new Uint8Array([...key, ...key.subarray(0, 16)]);
}

/** Members 0 … size − 1, or with the given powers. */
export function committeeOf(powers: readonly number[], epoch = EPOCH): Committee {
  const members = powers.map((power, nodeId) => ({
    nodeId,
    keyVersion: 0,
    power,
    consensusKey: keyOf(nodeId),
  }));
  return { epoch, members };
}

/** `powers`: 1 for each member when they are left out. */
export function rulesOf(size: number, seed = 0, powers?: readonly number[]): EpochRules {
  const committee = committeeOf(powers ?? Array.from({ length: size }, () => 1));
  const drawn = sha256(Uint8Array.of(seed, 9));
  return epochRules(
    NETWORK_ID,
    new CommitteeView(NETWORK_ID, committee, drawn),
    drawn,
    OPENING,
    mockVerifier,
  );
}

/** Makes vertices without votes: ordering does not look at signatures. */
export class DagBuilder {
  readonly rules: EpochRules;
  readonly committee: CommitteeView;
  /** every vertex that was made, in causal order */
  readonly made: Vertex[] = [];

  constructor(size: number, seed = 0, powers?: readonly number[]) {
    this.rules = rulesOf(size, seed, powers);
    this.committee = this.rules.committee;
  }

  vertex(
    round: number,
    author: number,
    parents: readonly Vertex[],
    extra: { createdAt?: number; payload?: BatchRef[]; checkpoints?: L2Checkpoint[] } = {},
  ): Vertex {
    const ids = round === 1 ? [...this.rules.genesis.keys()] : parents.map(({ id }) => id);
    const header = {
      epoch: EPOCH,
      round,
      author,
      createdAt: extra.createdAt ?? 1000 * round + author,
      payload: extra.payload ?? [],
      parents: ids.sort().map(keyBytes),
      checkpoints: extra.checkpoints ?? [],
      attestations: [],
      beacon: isAnchorRound(round) ? [new Uint8Array(96).fill(round)] : [],
    };
    const signers = BitArray.fromBitLen(this.committee.size);
    const certificate = {
      header: { header, signature: new Uint8Array(96) },
      signers,
      signature: new Uint8Array(96),
    };
    const vertex = vertexOf(NETWORK_ID, certificate);
    this.made.push(vertex);
    return vertex;
  }

  /** One vertex of each author, all on the same parents. */
  row(round: number, authors: readonly number[], parents: readonly Vertex[]): Vertex[] {
    return authors.map((author) => this.vertex(round, author, parents));
  }

  /** Rounds `from` … `to` by `authors`, each on all of the round before. */
  rows(from: number, to: number, authors: readonly number[], parents: readonly Vertex[] = []): Vertex[] {
    let below = parents;
    for (let round = from; round <= to; round++) below = this.row(round, authors, below);
    return [...below];
  }

  /** Whom the draw elects: the leader until a schedule has ended. */
  leader(round: number): number {
    return this.committee.elected(round) ?? -1;
  }

  /** All members but `without`. */
  members(...without: number[]): number[] {
    return this.committee.nodeIds.filter((nodeId) => !without.includes(nodeId));
  }

  order(options: { gcDepth?: number; cursor?: OrderCursor } = {}): Order {
    return new Order(this.rules, options.gcDepth ?? 50, options.cursor);
  }
}

/** A DAG and its order, as a member has them. */
export class Order {
  readonly dag: Dag;
  readonly bullshark: Bullshark;
  readonly subDags: SubDag[] = [];
  readonly committee: CommitteeView;

  constructor(rules: EpochRules, gcDepth: number, cursor?: OrderCursor) {
    this.committee = rules.committee;
    this.dag = new Dag(new Set(rules.genesis.keys()));
    this.bullshark = new Bullshark(rules.committee, this.dag, gcDepth, cursor);
    this.dag.collect(this.bullshark.gcRound);
  }

  /** False when its round is collected, as the primary drops it. */
  add(vertex: Vertex): boolean {
    if (vertex.round <= this.dag.gcRound) return false;
    this.dag.insert(vertex);
    this.subDags.push(...this.bullshark.process(vertex));
    this.dag.collect(this.bullshark.gcRound);
    return true;
  }

  /** Adds a vertex; returns how many sub-DAGs it committed. */
  commits(vertex: Vertex): number {
    const before = this.subDags.length;
    this.add(vertex);
    return this.subDags.length - before;
  }

  addAll(vertices: readonly Vertex[]): this {
    for (const vertex of vertices) this.add(vertex);
    return this;
  }

  anchors(): number[] {
    return this.subDags.map(({ anchor }) => anchor.round);
  }

  sequence(): string[] {
    return this.subDags.flatMap(({ vertices }) => vertices.map(({ id }) => id));
  }
}
