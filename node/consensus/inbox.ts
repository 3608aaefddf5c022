import type { SignedHeader } from "#protocol/types/consensus.ts";

/** A header with a valid form and signature that may still wait for parents, batches or its time. */
export interface PendingHeader {
  signed: SignedHeader;
  digest: Uint8Array;
  /** ids */
  parents: string[];
  /** Unix ms before which it cannot be voted for */
  readyAt: number;
  askedParents: boolean;
  askedBatches: boolean;
}

/** The newest header of each member that has no vote of ours yet. */
export class Inbox {
  #byAuthor = new Map<number, PendingHeader>();

  get(author: number): PendingHeader | undefined {
    return this.#byAuthor.get(author);
  }

  set(pending: PendingHeader): void {
    this.#byAuthor.set(pending.signed.header.author, pending);
  }

  delete(author: number): void {
    this.#byAuthor.delete(author);
  }

  all(): PendingHeader[] {
    return [...this.#byAuthor.values()];
  }

  /** Unix ms of the earliest header that waits for its time only */
  deadline(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { readyAt } of this.#byAuthor.values())
      if (readyAt > now) earliest = Math.min(earliest, readyAt);
    return earliest;
  }
}
