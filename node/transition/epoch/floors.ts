import { countParameter } from "../parameters.ts";
import type { StandingRecord } from "../records.ts";
import type { State } from "../state.ts";
import { isCandidate } from "./eligibility.ts";
import { type Components, publicScore, scoreOf } from "./reputation/standing.ts";

/** So much above a floor a node that is out comes back, and one that is not is near it: points of score, of FULL for uptime. */
const SCORE_MARGIN = 5;
const UPTIME_MARGIN = 500;
/** One candidate in so many may be out at a time: who slanders all others wins no more of the draws than that leaves. */
const MAX_OUT = 10;

/** Writes who is out of the next draws (REP-FLOOR). */
export function applyFloors(state: State, nextEpoch: number): void {
  const standings = [...state.reputation.standings.values()];
  const out = outByFloors(state, standings, nextEpoch);
  for (const standing of standings) {
    const now = out.has(standing.node) ? 1 : 0;
    if (standing.out !== now) state.reputation.standings.put({ ...standing, out: now });
  }
}

/**
 * Who is out with these standings (REP-FLOOR): the worst of the candidates of the snapshot for `nextEpoch`. What others are
 * takes no place from them, and lasts until they are candidates again.
 */
export function outByFloors(
  state: State,
  standings: readonly StandingRecord[],
  nextEpoch: number,
): Set<number> {
  const floors = floorsOf(state);
  const candidates = new Set(
    state.nodeTable
      .values()
      .filter((node) => isCandidate(state, node, nextEpoch))
      .map(({ nodeId }) => nodeId),
  );
  const below = standings.filter((standing) => isBelow(standing, floors));
  const worst = below
    .filter(({ node }) => candidates.has(node))
    .sort((a, b) => scoreOf(a) - scoreOf(b) || a.uptime - b.uptime || a.node - b.node)
    .slice(0, Math.floor(candidates.size / MAX_OUT));
  const others = below.filter(({ node, out }) => out === 1 && !candidates.has(node));
  return new Set([...worst, ...others].map(({ node }) => node));
}

/** Who is out stays so up to the margin above a floor. */
function isBelow(standing: StandingRecord, floors: Floors): boolean {
  return standing.out === 1 ? isNearFloor(standing, floors) : !passes(standing, floors);
}

export interface Floors {
  /** 0–100 */
  reputation: number;
  /** of FULL */
  uptime: number;
}

/** In effect in this epoch. */
export function floorsOf(state: State): Floors {
  return {
    reputation: countParameter(state, "reputationFloor"),
    uptime: countParameter(state, "uptimeFloorBps"),
  };
}

/** Neither score nor uptime is below its floor. */
export function passes(standing: Components, floors: Floors): boolean {
  return publicScore(standing) >= floors.reputation && standing.uptime >= floors.uptime;
}

/** Below a floor or less than the margin above it. A floor of 0 is none. */
export function isNearFloor(standing: Components, floors: Floors): boolean {
  const { reputation, uptime } = floors;
  return (
    (reputation > 0 && publicScore(standing) < reputation + SCORE_MARGIN) ||
    (uptime > 0 && standing.uptime < uptime + UPTIME_MARGIN)
  );
}
