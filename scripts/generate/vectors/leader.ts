import { CommitteeView } from "#node/consensus/committee.ts";
import {
  afterCommit,
  COMMITS_PER_SCHEDULE,
  FIRST_SCHEDULE,
  leaderIn,
} from "#node/consensus/leader-schedule.ts";
import { drawRank } from "#protocol/digests/consensus.ts";
import { toHex } from "#protocol/types/hex.ts";
import { counting, network } from "./samples.ts";

const id = network.networkId;
const SEED = counting(32, 60);
const POWERS = [1, 2, 1, 3, 1, 1, 2];
/** votes of each member in one schedule */
const SCORES = [20, 3, 19, 18, 0, 3, 20];

function committeeOf(powers: readonly number[]) {
  const members = powers.map((power, at) => ({
    nodeId: 3 * at + 2,
    keyVersion: 0,
    power,
    consensusKey: new Uint8Array(48),
  }));
  return { epoch: 5, members };
}

/** Who leads which round: by the draw alone, and after a schedule in which some members hardly voted. */
export function leaderVectors() {
  const committee = committeeOf(POWERS);
  const view = new CommitteeView(id, committee, SEED);
  const rounds = Array.from({ length: 24 }, (_, at) => 2 * at + 2);
  let schedule = FIRST_SCHEDULE;
  for (let commit = 0; commit < COMMITS_PER_SCHEDULE; commit++) {
    const voters = view.nodeIds.filter((_, at) => commit < (SCORES[at] ?? 0));
    schedule = afterCommit(view, schedule, voters);
  }
  const { number, swappedOut, swappedIn } = schedule;
  return {
    networkId: toHex(id),
    seed: toHex(SEED),
    members: committee.members.map(({ nodeId, power }) => ({ nodeId, power })),
    elected: rounds.map((round) => ({ round, nodeId: view.elected(round) })),
    swap: {
      commitsPerSchedule: COMMITS_PER_SCHEDULE,
      number,
      seed: toHex(drawRank(id, "schedule", SEED, number)),
      scores: view.nodeIds.map((nodeId, at) => ({
        nodeId,
        score: SCORES[at],
        tie: toHex(view.tieRank(number, nodeId)),
      })),
      swappedOut,
      swappedIn,
      leaders: rounds.map((round) => ({ round, nodeId: leaderIn(view, schedule, round) })),
    },
  };
}
