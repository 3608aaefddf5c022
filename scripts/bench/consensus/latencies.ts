import type { Window } from "../support/figures.ts";
import type { CommittedRange } from "./messages.ts";

export interface Outcome {
  /** submitted within the window and accepted */
  submitted: number;
  /** of them, those that every member committed */
  committed: number;
  /** transactions, whenever submitted, whose last member committed within the window */
  committedInWindow: number;
  /** ms from the submission to the commit at the last member, ascending */
  latencies: Float64Array;
}

/** When the last member committed each transaction of `author`, ms as `now` gives them; Infinity where one has not. */
function lastCommits(
  author: number,
  count: number,
  members: readonly (readonly CommittedRange[])[],
): Float64Array {
  const last = new Float64Array(count);
  const seen = new Uint16Array(count);
  for (const ranges of members) {
    for (const range of ranges) {
      if (range.author !== author) continue;
      for (let sequence = range.from; sequence <= range.to; sequence++) {
        last[sequence] = Math.max(last[sequence] ?? 0, range.at);
        seen[sequence] = (seen[sequence] ?? 0) + 1;
      }
    }
  }
  for (let sequence = 0; sequence < count; sequence++) {
    if (seen[sequence] !== members.length) last[sequence] = Number.POSITIVE_INFINITY;
  }
  return last;
}

/** `submitted[i]`: by member i + 1, ms by sequence, NaN for refused; `committed[i]`: what that member committed. */
export function outcomeOf(
  submitted: readonly Float64Array[],
  committed: readonly (readonly CommittedRange[])[],
  { from, to }: Window,
): Outcome {
  const latencies: number[] = [];
  const outcome = { submitted: 0, committed: 0, committedInWindow: 0 };
  for (const [at, times] of submitted.entries()) {
    const last = lastCommits(at + 1, times.length, committed);
    for (const [sequence, time] of times.entries()) {
      const end = last[sequence] ?? Number.POSITIVE_INFINITY;
      if (end >= from && end < to) outcome.committedInWindow++;
      // comparisons with NaN are false
      if (!(time >= from && time < to)) continue;
      outcome.submitted++;
      if (end === Number.POSITIVE_INFINITY) continue;
      outcome.committed++;
      latencies.push(end - time);
    }
  }
  return { ...outcome, latencies: Float64Array.from(latencies).sort() };
}
