import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { CommitteeView } from "./committee.ts";
import type { Dag } from "./dag.ts";

/** As many waiting batches as make a header leave without its minimum delay. */
export const HEADER_BATCH_THRESHOLD = 32;

/**
 * NAR-JUMP: the highest round from `lastRound` on whose stored certificates are a quorum: the parents of the next header.
 * Higher than `lastRound` when others went on without us. Round 0 is the genesis.
 */
export function parentRound(dag: Dag, committee: CommitteeView, lastRound: number): number | undefined {
  for (let round = dag.highestRound; round >= Math.max(1, lastRound); round--) {
    const power = dag.round(round).reduce((sum, { author }) => sum + committee.powerOf(author), 0);
    if (power >= committee.quorum) return round;
  }
  return lastRound === 0 ? 0 : undefined;
}

/**
 * NAR-ADVANCE: whether a header on parents of `round` need not wait longer for the leader. Even round: the leader's
 * certificate is among them. Odd: f+1 link to the leader of the round before, or 2f+1 do not, or there is no leader's
 * certificate. Nobody leads a round up to the last committed one any more (`Bullshark.leader`): there is nothing to
 * wait for.
 */
export function advances(
  dag: Dag,
  committee: CommitteeView,
  leaderOf: (round: number) => number | undefined,
  round: number,
): boolean {
  const led = leaderOf(round % 2 === 0 ? round : round - 1);
  if (led === undefined) return true;
  if (round % 2 === 0) return dag.at(round, led) !== undefined;
  const leader = dag.at(round - 1, led);
  if (!leader) return true;
  let votes = 0;
  let others = 0;
  for (const vertex of dag.round(round)) {
    const power = committee.powerOf(vertex.author);
    if (vertex.parents.includes(leader.id)) votes += power;
    else others += power;
  }
  return votes >= committee.validity || others >= committee.quorum;
}

/** Idle committees, with nothing to order, go this slowly. */
export function idleHeaderDelayMs(timing: ConsensusTiming): number {
  return Math.max(timing.minHeaderDelayMs, Math.floor((timing.maxHeaderDelayMs * 5) / 8));
}

/** ms without an own header after which others are told our newest and asked for what is missing here */
export function stallDelayMs({ maxHeaderDelayMs }: ConsensusTiming): number {
  return Math.max(1000, 2 * maxHeaderDelayMs);
}

/** NAR-DELAY: `elapsed` at which the next header leaves, given that a quorum of parents is there. */
export function proposalDue(input: {
  timing: ConsensusTiming;
  /** `elapsed` at the last own header */
  lastAt: number;
  advance: boolean;
  /** own batches that wait */
  batches: number;
  /** something uncommitted is in the DAG or waits here */
  busy: boolean;
  /** self leads the round of the next header */
  leads: boolean;
}): number {
  const { timing, lastAt, advance, batches, busy, leads } = input;
  const latest = lastAt + (leads ? Math.floor(timing.maxHeaderDelayMs / 2) : timing.maxHeaderDelayMs);
  if (!advance) return latest;
  if (leads || batches >= HEADER_BATCH_THRESHOLD) return lastAt;
  return Math.min(latest, lastAt + (busy ? timing.minHeaderDelayMs : idleHeaderDelayMs(timing)));
}
