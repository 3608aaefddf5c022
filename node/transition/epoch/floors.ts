import { countParameter } from "../parameters.ts";
import type { StandingRecord } from "../records.ts";
import type { State } from "../state.ts";
import { type Components, publicScore, scoreOf } from "./reputation/standing.ts";

/** So much above a floor a node that is out comes back, and one that is not is near it: points of score, of FULL for uptime. */
const SCORE_MARGIN = 5;
const UPTIME_MARGIN = 500;
/** One node in so many may fall out per epoch, worst first. */
const MAX_FALLING = 10;

/** Who is out of the next draws (REP-FLOOR). */
export function applyFloors(state: State, standings: StandingRecord[]): StandingRecord[] {
  const floors = floorsOf(state);
  const falling = standings
    .filter((standing) => standing.out === 0 && !passes(standing, floors))
    .sort((a, b) => scoreOf(a) - scoreOf(b) || a.uptime - b.uptime || a.node - b.node)
    .slice(0, Math.floor(standings.length / MAX_FALLING));
  const fallen = new Set(falling.map(({ node }) => node));
  return standings.map((standing) => {
    const stays = standing.out === 1 && isNearFloor(standing, floors);
    return { ...standing, out: stays || fallen.has(standing.node) ? 1 : 0 };
  });
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

function passes(standing: StandingRecord, floors: Floors): boolean {
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
