import { equalBytes } from "#protocol/types/codec.ts";
import type { Header, Vote } from "#protocol/types/consensus.ts";
import type { CommitteeView } from "./committee.ts";
import type { Dag } from "./dag.ts";
import { type ConsensusErrorCode, consensusError } from "./errors.ts";

/** Rounds that a header may be behind the newest one we know. */
export const HEADER_AGE_LIMIT = 3;
/** ms that clocks of members may differ */
export const MAX_DRIFT_MS = 1000;

function refuse(ok: boolean, code: ConsensusErrorCode, message: string, header: Header): void {
  if (!ok) throw consensusError(code, message, { round: header.round, author: header.author });
}

/** NAR-AGE. @throws ERR_HEADER_TOO_OLD */
export function checkAge(header: Header, newestRound: number, gcRound: number): void {
  const fresh = header.round + HEADER_AGE_LIMIT >= newestRound && header.round > gcRound;
  refuse(fresh, "ERR_HEADER_TOO_OLD", "the committee has gone on", header);
}

/**
 * NAR-PARENTS: the rules about parents, all of which are stored. Round 1 is judged by the header's form. Returns the
 * latest creation time of a parent, Unix ms; 0 in round 1.
 * @throws ERR_HEADER_PARENTS, ERR_HEADER_CREATED_EARLY
 */
export function checkParents(
  dag: Dag,
  committee: CommitteeView,
  header: Header,
  parents: readonly string[],
): number {
  if (header.round === 1) return 0;
  let power = 0;
  let newest = 0;
  for (const id of parents) {
    const parent = dag.get(id);
    refuse(
      parent?.round === header.round - 1,
      "ERR_HEADER_PARENTS",
      "a parent is not of the round before",
      header,
    );
    if (!parent) continue;
    // one certificate per author and round is stored, so that authors of distinct parents are distinct
    power += committee.powerOf(parent.author);
    newest = Math.max(newest, parent.certificate.header.header.createdAt);
  }
  refuse(power >= committee.quorum, "ERR_HEADER_PARENTS", "its parents are less than a quorum", header);
  refuse(header.createdAt >= newest, "ERR_HEADER_CREATED_EARLY", "created before a parent", header);
  return newest;
}

/**
 * NAR-TIME: ms to wait until the header's creation time has come here. `taken`: latest creation time of a parent, which
 * a quorum voted for: without that, clocks that were set back would stop all until they are there again.
 * @throws ERR_HEADER_CREATED_LATE
 */
export function waitForCreation(header: Header, taken: number, now: number): number {
  if (header.createdAt <= taken) return 0;
  const ahead = header.createdAt - now;
  refuse(ahead <= MAX_DRIFT_MS, "ERR_HEADER_CREATED_LATE", "created too far in the future", header);
  return Math.max(0, ahead);
}

/** NAR-VOTE-ONCE: one vote per (author, round), and never one for a round below the last: what is on disk, and what this process added. */
export class VoteBook {
  #last = new Map<number, Vote>();

  constructor(recovered: readonly Vote[] = []) {
    for (const vote of recovered) {
      const known = this.#last.get(vote.author);
      if (!known || known.round < vote.round) this.#last.set(vote.author, vote);
    }
  }

  last(author: number): Vote | undefined {
    return this.#last.get(author);
  }

  /**
   * The vote that this header already has.
   * @throws ERR_VOTE_EQUIVOCATION, ERR_VOTE_LOWER_ROUND
   */
  given(header: { author: number; round: number }, digest: Uint8Array): Vote | undefined {
    const last = this.#last.get(header.author);
    if (!last || header.round > last.round) return undefined;
    const at = { round: header.round, author: header.author };
    if (header.round < last.round)
      throw consensusError("ERR_VOTE_LOWER_ROUND", "voted for a later round", at);
    if (!equalBytes(last.digest, digest)) {
      throw consensusError("ERR_VOTE_EQUIVOCATION", "voted for another header of this round", at);
    }
    return last;
  }

  record(vote: Vote): void {
    this.#last.set(vote.author, vote);
  }
}
