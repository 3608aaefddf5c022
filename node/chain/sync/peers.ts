import type { Head } from "./wire.ts";

/** Mistakes that are kept in mind; one is forgiven per good answer. */
const MAX_BLAME = 8;
/** ms that a peer is not asked after a mistake, doubled with each that is kept in mind, and at most */
const REST_MS = 1_000;
const MAX_REST_MS = 16_000;
/** ms to wait for an answer; one who failed us before holds us up less */
const TIMEOUT_MS = 5_000;
const SUSPECT_TIMEOUT_MS = 2_000;

interface Fault {
  count: number;
  /** Unix ms until which others are asked */
  restsUntil: number;
}

/** What peers say they have, and which of them to ask. Nothing here is trusted: answers are verified. */
export class SyncPeers {
  #now: () => number;
  #heads = new Map<number, Head>();
  #faults = new Map<number, Fault>();
  /** when each was last asked, as a count of requests */
  #askedAt = new Map<number, number>();
  #requests = 0;

  /** `now`: Unix ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  note(node: number, head: Head): void {
    this.#heads.set(node, head);
  }

  /** The peer is asked something now. Returns how long to wait for its answer (ms). */
  asks(node: number): number {
    this.#askedAt.set(node, ++this.#requests);
    return this.#blameOf(node) > 0 ? SUSPECT_TIMEOUT_MS : TIMEOUT_MS;
  }

  blame(node: number): void {
    const count = Math.min((this.#faults.get(node)?.count ?? 0) + 1, MAX_BLAME);
    const rest = Math.min(REST_MS * 2 ** (count - 1), MAX_REST_MS);
    this.#faults.set(node, { count, restsUntil: this.#now() + rest });
  }

  praise(node: number): void {
    const fault = this.#faults.get(node);
    if (!fault) return;
    if (fault.count <= 1) this.#faults.delete(node);
    else this.#faults.set(node, { count: fault.count - 1, restsUntil: 0 });
  }

  /** Connected peers that say they have it, least blamed and then least recently asked first; those that rest only when all others do, too. */
  having(connected: readonly number[], has: (head: Head) => boolean): number[] {
    return this.#awake(connected).filter((node) => {
      const head = this.#heads.get(node);
      return head !== undefined && has(head);
    });
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
    const now = this.#now();
    const awake = ordered.filter((node) => (this.#faults.get(node)?.restsUntil ?? 0) <= now);
    return awake.length > 0 ? awake : ordered;
  }

  #blameOf(node: number): number {
    return this.#faults.get(node)?.count ?? 0;
  }
}
