import { compareBytes } from "#protocol/types/codec.ts";
import type { CommitteeView } from "./committee.ts";

/**
 * Commits that a leader schedule lasts. A dead member costs every round that it leads a timeout of about a second, so a
 * schedule must be short against the shortest epochs (minutes); a member must miss more than half of the votes to be
 * swapped out, so it must be long enough that chance does not do that: 20 commits take 5 to 30 s.
 */
export const COMMITS_PER_SCHEDULE = 20;

/** A function of the commits so far alone: every member has the same one for the rounds above the last committed anchor. */
export interface LeaderSchedule {
  /** of the schedule, from 0 in each epoch */
  number: number;
  /** commits since it began */
  commits: number;
  /** votes for committed anchors since it began, by nodeId */
  scores: ReadonlyMap<number, number>;
  /** nodeIds that do not lead, ascending */
  swappedOut: readonly number[];
  /** nodeIds that lead in their place, ascending */
  swappedIn: readonly number[];
}

export const FIRST_SCHEDULE: LeaderSchedule = {
  number: 0,
  commits: 0,
  scores: new Map(),
  swappedOut: [],
  swappedIn: [],
};

/** BUL-SWAP: the nodeId that leads `round` under the schedule; undefined for rounds without an anchor. */
export function leaderIn(
  committee: CommitteeView,
  schedule: LeaderSchedule,
  round: number,
): number | undefined {
  const elected = committee.elected(round);
  if (elected === undefined || !schedule.swappedOut.includes(elected)) return elected;
  return committee.electedAmong(schedule.swappedIn, schedule.number, round);
}

/** BUL-SCORE, BUL-SCHEDULE: after a commit whose sub-DAG has votes of `voters` for the anchor that was committed before. */
export function afterCommit(
  committee: CommitteeView,
  schedule: LeaderSchedule,
  voters: readonly number[],
): LeaderSchedule {
  const scores = new Map(schedule.scores);
  for (const voter of voters) scores.set(voter, (scores.get(voter) ?? 0) + 1);
  const commits = schedule.commits + 1;
  if (commits < COMMITS_PER_SCHEDULE) return { ...schedule, commits, scores };
  const number = schedule.number + 1;
  return { number, commits: 0, scores: new Map(), ...swaps(committee, number, scores) };
}

/**
 * BUL-SWAP: out go the members with less than half of the best score, worst first, as long as their power together is
 * no more than f; in come the best, until they have as much power. Half, so that without faults nobody loses rounds by
 * chance and the share of each stays that of its power.
 */
function swaps(
  committee: CommitteeView,
  number: number,
  scores: ReadonlyMap<number, number>,
): Pick<LeaderSchedule, "swappedOut" | "swappedIn"> {
  const ranked = committee.nodeIds
    .map((nodeId) => ({
      nodeId,
      score: scores.get(nodeId) ?? 0,
      power: committee.powerOf(nodeId),
      tie: committee.tieRank(number, nodeId),
    }))
    .sort((a, b) => b.score - a.score || compareBytes(a.tie, b.tie));
  const best = ranked[0]?.score ?? 0;
  const faulty = committee.total - committee.quorum;
  const swappedOut: number[] = [];
  let out = 0;
  for (const { nodeId, score, power } of ranked.toReversed()) {
    if (2 * score >= best || out + power > faulty) continue;
    swappedOut.push(nodeId);
    out += power;
  }
  const swappedIn: number[] = [];
  let left = out;
  for (const { nodeId, score, power } of ranked) {
    if (left <= 0 || 2 * score < best) break;
    swappedIn.push(nodeId);
    left -= power;
  }
  const ascending = (a: number, b: number) => a - b;
  return { swappedOut: swappedOut.sort(ascending), swappedIn: swappedIn.sort(ascending) };
}
