import type {
  NodePlaceView,
  NodeStatusView,
  PlacedStanding,
  StandingPlace,
  StandingView,
} from "#node/interface/chain-view.ts";
import { isCandidate } from "#node/transition/epoch/eligibility.ts";
import { type Floors, floorsOf, isNearFloor, passes } from "#node/transition/epoch/floors.ts";
import { expectedStandings } from "#node/transition/epoch/rate-nodes.ts";
import { NEW_STANDING, publicScore } from "#node/transition/epoch/reputation/standing.ts";
import type { StandingRecord } from "#node/transition/records.ts";
import type { State } from "#node/transition/state.ts";

/** Aggregates anew once so many parts of the ring have reported more: whoever asks for it all the time costs no more. */
const PARTS = 16;

/** What the close would make of the nodes by the reports so far: aggregated at most PARTS + 1 times an epoch. */
export class ExpectedStandings {
  #epoch = -1;
  #reports = 0;
  #standings: ReadonlyMap<number, StandingRecord> = new Map();

  of(state: State): { standings: ReadonlyMap<number, StandingRecord>; reports: number } {
    const { reports, ring } = state.reputation;
    const step = Math.max(1, Math.ceil(ring.value.length / PARTS));
    if (state.epoch !== this.#epoch || reports.size >= this.#reports + step) {
      this.#epoch = state.epoch;
      this.#reports = reports.size;
      this.#standings = expectedStandings(state);
    }
    return { standings: this.#standings, reports: this.#reports };
  }
}

/** REP-STATUS without what is expected, which takes an aggregation; undefined for a node that is not registered. */
export function nodePlace(state: State, nodeId: number): NodePlaceView | undefined {
  return state.nodeTable.get(String(nodeId)) && placeIn(state, nodeId);
}

function placeIn(state: State, nodeId: number): NodePlaceView {
  const floors = floorsOf(state);
  const now = placed(state.reputation.standings.get(String(nodeId)), floors);
  return {
    node: nodeId,
    epoch: state.epoch,
    now,
    floors,
    above: { reputation: now.score - floors.reputation, uptime: now.uptime - floors.uptime },
  };
}

/** REP-STATUS; undefined for a node that is not registered. */
export function nodeStatus(
  state: State,
  nodeId: number,
  expectations: ExpectedStandings,
): NodeStatusView | undefined {
  const record = state.nodeTable.get(String(nodeId));
  if (!record) return undefined;
  const place = placeIn(state, nodeId);
  const { standings, reports } = expectations.of(state);
  const expected = placed(standings.get(nodeId), place.floors);
  return {
    ...place,
    expected: { ...expected, reports },
    inNextDraw: record.optedIn === 1 && state.eligible.value.includes(nodeId),
    inDrawAfter: isCandidate(state, record, state.epoch + 1) && expected.out === 0,
  };
}

function placed(record: StandingRecord | undefined, floors: Floors): PlacedStanding {
  const { latency, uptime, throughput, success, trust, credibility, measured, reporters, out }: StandingView =
    record ?? { ...NEW_STANDING, reporters: 0, out: 0 };
  const rates = { latency, uptime, throughput, success, trust, credibility };
  return {
    ...rates,
    measured,
    reporters,
    out,
    score: publicScore(rates),
    place: placeOf(rates, out, floors),
  };
}

function placeOf(components: Parameters<typeof passes>[0], out: number, floors: Floors): StandingPlace {
  if (out === 1) return "out";
  if (!passes(components, floors)) return "below";
  return isNearFloor(components, floors) ? "near" : "good";
}
