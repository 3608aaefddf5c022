import { leastScore, NEAR_MS, nearnessAmong } from "#protocol/choice/standing.ts";
import { chanceOf, inDrawnOrder, NEWCOMER_SHARE } from "#protocol/choice/weighted-draw.ts";
import { type Head, MAX_BLOCKS, MAX_BLOCKS_BYTES } from "./wire.ts";

/** Mistakes that are kept in mind; one is forgiven per good answer. */
const MAX_BLAME = 8;
/** ms that a peer is not asked after a mistake, doubled with each that is kept in mind, and at most */
const REST_MS = 1_000;
const MAX_REST_MS = 16_000;
/** ms to wait for an answer; one who failed us before holds us up less */
const TIMEOUT_MS = 5_000;
const SUSPECT_TIMEOUT_MS = 2_000;

/** Of a new measurement in how soon a peer answers. */
const NEWER = 0.3;
/** Who lacks more blocks than this catches up: what an answer holds counts more than how soon it comes. */
const CATCH_UP_BLOCKS = 8;
/** An answer of as many bytes is full: the next block may not have fitted. */
const FULL_BYTES = MAX_BLOCKS_BYTES / 2;

export interface SyncPeersOptions {
  self: number;
  /** ms that pass */
  elapsed(): number;
  /** of a node, at the last close; undefined for who is not registered */
  reputation(node: number): number | undefined;
}

/** A request to a peer. */
export interface Asked {
  /** ms to wait for its answer */
  timeoutMs: number;
  /** that passed since */
  ms(): number;
}

/** An answer with blocks, all of them verified; one without any is blamed and no measure. */
export interface Given {
  /** that were missing when it was asked */
  missing: number;
  blocks: number;
  bytes: number;
  ms: number;
}

interface Fault {
  count: number;
  /** of `elapsed`, until which others are asked */
  restsUntil: number;
}

/** What peers say they have, and which of them to ask. Nothing here is trusted: answers are verified. */
export class SyncPeers {
  readonly #o: SyncPeersOptions;
  #heads = new Map<number, Head>();
  #faults = new Map<number, Fault>();
  /** when each was last asked, as a count of requests */
  #askedAt = new Map<number, number>();
  /** ms that heads took, as a moving mean: they are as small for all, and asked of all in turn */
  #headMs = new Map<number, number>();
  /** ms that a full answer with blocks takes, or would, as a moving mean */
  #fullMs = new Map<number, number>();
  #requests = 0;
  #draws = 0;
  readonly #seed: Uint8Array;

  constructor(options: SyncPeersOptions) {
    this.#o = options;
    this.#seed = new Uint8Array(new Uint32Array([options.self]).buffer);
  }

  /** `ms`: that it took to tell it, when it was asked */
  note(node: number, head: Head, ms?: number): void {
    this.#heads.set(node, head);
    if (ms !== undefined) mixIn(this.#headMs, node, ms);
  }

  /** Blocks from `height` on that peers have (`claimed`). */
  missing(connected: readonly number[], height: number): number {
    return Math.max(0, this.claimed(connected) - height);
  }

  /** REP-SOURCE: how long it takes for a full answer, so that nobody seems near by small ones, nor by saying that it has no more. */
  gave(node: number, { missing, blocks, bytes, ms }: Given): void {
    if (missing <= CATCH_UP_BLOCKS || blocks === 0) return;
    const full = Math.max(blocks / MAX_BLOCKS, bytes / FULL_BYTES);
    if (full >= 1) mixIn(this.#fullMs, node, ms / full);
    else if (blocks < missing) mixIn(this.#fullMs, node, ms / Math.max(full, blocks / missing));
  }

  /** The peer is asked something now. */
  asks(node: number): Asked {
    this.#askedAt.set(node, ++this.#requests);
    const start = this.#o.elapsed();
    return {
      timeoutMs: this.#blameOf(node) > 0 ? SUSPECT_TIMEOUT_MS : TIMEOUT_MS,
      ms: () => this.#o.elapsed() - start,
    };
  }

  blame(node: number): void {
    const count = Math.min((this.#faults.get(node)?.count ?? 0) + 1, MAX_BLAME);
    const rest = Math.min(REST_MS * 2 ** (count - 1), MAX_REST_MS);
    this.#faults.set(node, { count, restsUntil: this.#o.elapsed() + rest });
  }

  praise(node: number): void {
    const fault = this.#faults.get(node);
    if (!fault) return;
    if (fault.count <= 1) this.#faults.delete(node);
    else this.#faults.set(node, { count: fault.count - 1, restsUntil: 0 });
  }

  /**
   * Connected peers that say they have it: least blamed first, those that rest only when all others do, too. Of as much blame, by a draw
   * (REP-SOURCE): by the square of the score and how soon they answered before; one draw in twenty is even, so nobody is left out for good.
   * `height`: of the next block, when blocks are wanted.
   */
  having(connected: readonly number[], has: (head: Head) => boolean, height?: number): number[] {
    const able = this.#awake(connected).filter((node) => {
      const head = this.#heads.get(node);
      return head !== undefined && has(head);
    });
    const byBlame = Map.groupBy(able, (node) => this.#blameOf(node));
    const catchesUp = height !== undefined && this.missing(connected, height) > CATCH_UP_BLOCKS;
    const headMs = (node: number): number => this.#headMs.get(node) ?? NEAR_MS;
    const fullMs = (node: number): number => this.#fullMs.get(node) ?? headMs(node);
    return [...byBlame.values()].flatMap((nodes) => this.#drawn(nodes, catchesUp ? fullMs : headMs));
  }

  /** Connected peers, least blamed and then least recently asked first; those that rest only when all others do, too. */
  any(connected: readonly number[], count: number): number[] {
    return this.#awake(connected).slice(0, count);
  }

  /**
   * The highest number of certified blocks that more than a third of the connected peers claim to have, so that a third
   * of liars cannot raise it; 0 when nobody claims any.
   */
  claimed(connected: readonly number[]): number {
    const claims = connected.map((node) => this.#heads.get(node)?.certified ?? 0).sort((a, b) => b - a);
    return claims[Math.floor(claims.length / 3)] ?? 0;
  }

  #awake(connected: readonly number[]): number[] {
    const ordered = [...connected].sort(
      (a, b) =>
        this.#blameOf(a) - this.#blameOf(b) || (this.#askedAt.get(a) ?? 0) - (this.#askedAt.get(b) ?? 0),
    );
    const now = this.#o.elapsed();
    const awake = ordered.filter((node) => (this.#faults.get(node)?.restsUntil ?? 0) <= now);
    return awake.length > 0 ? awake : ordered;
  }

  #drawn(nodes: readonly number[], took: (node: number) => number): number[] {
    const random = (): number => chanceOf(this.#seed, this.#draws++ % 2 ** 32);
    if (random() < NEWCOMER_SHARE) return inDrawnOrder(nodes, () => 1, random);
    const score = (node: number): number => this.#o.reputation(node) ?? 0;
    const least = leastScore(nodes.map(score));
    const nearness = nearnessAmong(nodes.map(took));
    const weight = (node: number): number => Math.max(1, score(node)) ** 2 * nearness(took(node));
    const usual = nodes.filter((node) => score(node) >= least);
    const low = nodes.filter((node) => score(node) < least);
    return [usual, low].flatMap((some) => inDrawnOrder(some, weight, random));
  }

  #blameOf(node: number): number {
    return this.#faults.get(node)?.count ?? 0;
  }
}

function mixIn(means: Map<number, number>, node: number, ms: number): void {
  means.set(node, (1 - NEWER) * (means.get(node) ?? ms) + NEWER * ms);
}
