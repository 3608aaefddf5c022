import { headerDigest } from "#protocol/digests/consensus.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { Certificate, Header } from "#protocol/types/consensus.ts";
import { consensusError } from "./errors.ts";

/** A certificate with its digest at hand. */
export interface Vertex {
  certificate: Certificate;
  digest: Uint8Array;
  /** the digest as a key */
  id: string;
  round: number;
  author: number;
  /** ids, ascending */
  parents: string[];
}

/** Of headers that are in memory, which never change. */
const parentIds = new WeakMap<Header, string[]>();

export function parentIdsOf(header: Header): string[] {
  const known = parentIds.get(header);
  if (known) return known;
  const ids = header.parents.map(bytesKey);
  parentIds.set(header, ids);
  return ids;
}

export function vertexOf(networkId: Uint8Array, certificate: Certificate): Vertex {
  const { header } = certificate.header;
  const digest = headerDigest(networkId, header);
  const { round, author } = header;
  return { certificate, digest, id: bytesKey(digest), round, author, parents: parentIdsOf(header) };
}

/**
 * NAR-CAUSAL: the certificates of one epoch above the garbage-collection round. Every stored vertex has all its parents stored,
 * except where they are collected.
 */
export class Dag {
  #genesis: ReadonlySet<string>;
  /** ascending by author */
  #rounds = new Map<number, Vertex[]>();
  #byId = new Map<string, Vertex>();
  #gcRound: number;
  #highest = 0;

  /** `gcRound`: certificates up to this round are not kept. */
  constructor(genesis: ReadonlySet<string>, gcRound = 0) {
    this.#genesis = genesis;
    this.#gcRound = gcRound;
  }

  get gcRound(): number {
    return this.#gcRound;
  }

  get highestRound(): number {
    return this.#highest;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): Vertex | undefined {
    return this.#byId.get(id);
  }

  at(round: number, author: number): Vertex | undefined {
    return this.#rounds.get(round)?.find((vertex) => vertex.author === author);
  }

  /** ascending by author; a later `insert` or `collect` leaves it as it is */
  round(round: number): readonly Vertex[] {
    return this.#rounds.get(round) ?? [];
  }

  /** Parents of a header of `round` that are not stored; none when they are collected. */
  missingParents(round: number, parents: readonly string[]): string[] {
    if (round === 1) return parents.filter((id) => !this.#genesis.has(id));
    if (round - 1 <= this.#gcRound) return [];
    return parents.filter((id) => !this.#byId.has(id));
  }

  /**
   * False when it is already stored.
   * @throws ERR_CERTIFICATE_TOO_OLD, ERR_CERTIFICATE_EQUIVOCATION, ERR_PARENT_MISSING
   */
  insert(vertex: Vertex): boolean {
    const { round, author, id } = vertex;
    if (round <= this.#gcRound) {
      throw consensusError("ERR_CERTIFICATE_TOO_OLD", "its round is collected", {
        round,
        gcRound: this.#gcRound,
      });
    }
    const known = this.at(round, author);
    if (known?.id === id) return false;
    if (known) {
      throw consensusError(
        "ERR_CERTIFICATE_EQUIVOCATION",
        "the author has another certificate for this round",
        {
          round,
          author,
        },
      );
    }
    const missing = this.missingParents(round, vertex.parents).length;
    if (missing > 0)
      throw consensusError("ERR_PARENT_MISSING", "not all parents are stored", { round, author, missing });
    const others = this.round(round);
    const above = others.findIndex((other) => other.author > author);
    this.#rounds.set(round, others.toSpliced(above < 0 ? others.length : above, 0, vertex));
    this.#byId.set(id, vertex);
    this.#highest = Math.max(this.#highest, round);
    return true;
  }

  /** NAR-GC: forgets the certificates up to `gcRound`. */
  collect(gcRound: number): void {
    for (let round = this.#gcRound + 1; round <= gcRound; round++) {
      for (const vertex of this.round(round)) this.#byId.delete(vertex.id);
      this.#rounds.delete(round);
    }
    this.#gcRound = Math.max(this.#gcRound, gcRound);
  }
}
