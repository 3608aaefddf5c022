import { bytesKey } from "#protocol/types/bytes-key.ts";
import type { BatchRef, SignedHeader } from "#protocol/types/consensus.ts";
import type { CommitteeView } from "./committee.ts";
import { type Dag, parentIdsOf } from "./dag.ts";
import type { Effect } from "./effects.ts";
import type { Moment } from "./moment.ts";
import { checkParents, waitForCreation } from "./votes.ts";

/** A header with a valid form and signature that may still wait for parents, batches or its time. */
export interface PendingHeader {
  signed: SignedHeader;
  digest: Uint8Array;
  /** ids */
  parents: string[];
  /** those of them that were not stored when it was looked at last */
  missing: string[];
  /** batches that were not stored when it was looked at last: one that is ordered meanwhile is not asked for again */
  lacking: BatchRef[];
  /** of `elapsed`, before which it cannot be voted for; set once, when its parents are here */
  readyAt: number | undefined;
  askedParents: boolean;
  askedBatches: boolean;
}

/** NAR-INBOX: the newest header of each member that has no vote of ours yet. */
export class Inbox {
  #byAuthor = new Map<number, PendingHeader>();

  get(author: number): PendingHeader | undefined {
    return this.#byAuthor.get(author);
  }

  /** Replaces what waited of this author. */
  put(signed: SignedHeader, digest: Uint8Array): PendingHeader {
    const parents = parentIdsOf(signed.header);
    const waits = { missing: parents, lacking: signed.header.payload, readyAt: undefined };
    const pending = { signed, digest, parents, ...waits, askedParents: false, askedBatches: false };
    this.#byAuthor.set(signed.header.author, pending);
    return pending;
  }

  /** Whether this header waits already: its author still wants our vote, so what is missing is asked for again. */
  askAgain(author: number, digest: Uint8Array): boolean {
    const pending = this.#byAuthor.get(author);
    if (!pending || bytesKey(pending.digest) !== bytesKey(digest)) return false;
    pending.askedParents = false;
    pending.askedBatches = false;
    return true;
  }

  delete(author: number): void {
    this.#byAuthor.delete(author);
  }

  /** It may be deleted from meanwhile. */
  all(): Iterable<PendingHeader> {
    return this.#byAuthor.values();
  }

  /** Whether a header waits for parents, as far as it was looked at. */
  get lacksParents(): boolean {
    return [...this.#byAuthor.values()].some(({ missing }) => missing.length > 0);
  }

  /** of `elapsed`: when the earliest header can be voted for that waits for its time only */
  deadline(elapsed: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { readyAt } of this.#byAuthor.values())
      if (readyAt !== undefined && readyAt > elapsed) earliest = Math.min(earliest, readyAt);
    return earliest;
  }
}

/**
 * NAR-PARENTS, NAR-TIME, NAR-AVAILABLE: whether the header can be voted for now; what it waits for is asked for once.
 * `now.unix` is the latest time of day so far: what peers made before all clocks were set back is not from the future.
 * @throws ERR_HEADER_PARENTS, ERR_HEADER_CREATED_EARLY, ERR_HEADER_CREATED_LATE
 */
export function headerReady(
  pending: PendingHeader,
  dag: Dag,
  committee: CommitteeView,
  hasBatch: (ref: BatchRef) => boolean,
  now: Moment,
): { ready: boolean; needs: Effect[] } {
  const { header } = pending.signed;
  const needs: Effect[] = [];
  pending.missing = dag.missingParents(header.round, pending.missing);
  if (pending.missing.length > 0) {
    if (!pending.askedParents) needs.push({ type: "needCertificates", from: header.author });
    pending.askedParents = true;
    return { ready: false, needs };
  }
  const taken = checkParents(dag, committee, header, pending.parents);
  pending.readyAt ??= now.elapsed + waitForCreation(header, taken, now.unix);
  const lacking = pending.lacking.filter((ref) => !hasBatch(ref));
  pending.lacking = lacking;
  if (lacking.length > 0 && !pending.askedBatches) {
    needs.push({ type: "needBatches", from: header.author, header: bytesKey(pending.digest), refs: lacking });
    pending.askedBatches = true;
  }
  return { ready: now.elapsed >= pending.readyAt && lacking.length === 0, needs };
}
