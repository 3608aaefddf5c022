import type { ChainView, NodePlaceView, StandingPlace } from "#node/interface/chain-view.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";

type Outlets = { logger: Logger; metrics: Metrics };

/** from bad to good */
const PLACES: readonly StandingPlace[] = ["out", "below", "near", "good"];

/** Shows the operator where the node stands after a close, and warns before a floor takes it out of the draws (REP-STATUS). */
export function showStanding(
  chain: Pick<ChainView, "place">,
  self: number,
  { logger, metrics }: Outlets,
): void {
  const place = chain.place(self);
  if (!place) return;
  const { now, above, floors } = place;
  const gauge = (name: string, help: string, value: number, labels?: Record<string, string>): void =>
    metrics.gauge(name, help, labels).set(value);
  gauge("flk_reputation", "Of this node at the last close, 0 to 100", now.score);
  gauge("flk_reputation_near_floor", "1 unless it is at least the margin above each floor", near(now.place));
  gauge("flk_reputation_out", "1 while a floor keeps it out of the draws", now.out);
  for (const name of ["latency", "uptime", "throughput", "success", "trust", "credibility"] as const)
    gauge("flk_reputation_component", "What the score is made of, of 10000", now[name], { name });
  for (const floor of ["reputation", "uptime"] as const) {
    if (floors[floor] === 0) continue;
    gauge("flk_reputation_above_floor", "Points of score, or of 10000 for uptime", above[floor], { floor });
  }
  if (now.place !== "good") logger.warn(EVENTS[now.place], fieldsOf(place, now));
}

/** Near the end of an epoch, when most reports are in: says what the close will make of the node, and warns when that is worse. */
export function showExpected(
  chain: Pick<ChainView, "status">,
  self: number,
  { logger, metrics }: Outlets,
): void {
  const status = chain.status(self);
  if (!status) return;
  const { now, expected } = status;
  metrics
    .gauge("flk_reputation_expected", "Of this node at the end of the epoch, by the reports so far")
    .set(expected.score);
  metrics
    .gauge("flk_reputation_expected_out", "1 when a floor will keep it out of the draws")
    .set(expected.out);
  if (PLACES.indexOf(expected.place) >= PLACES.indexOf(now.place)) return;
  logger.warn("reputation.falls", { ...fieldsOf(status, expected), place: expected.place });
}

const EVENTS = {
  out: "reputation.out",
  below: "reputation.below_floor",
  near: "reputation.near_floor",
} as const;

function near(place: StandingPlace): number {
  return place === "good" ? 0 : 1;
}

function fieldsOf({ epoch, floors }: NodePlaceView, standing: NodePlaceView["now"]) {
  const { score, latency, uptime, throughput, success, trust } = standing;
  const { reputation: reputationFloor, uptime: uptimeFloor } = floors;
  return { epoch, score, latency, uptime, throughput, success, trust, reputationFloor, uptimeFloor };
}
