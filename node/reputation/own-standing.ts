import type { ChainView } from "#node/interface/chain-view.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { isNearFloor } from "#node/transition/epoch/floors.ts";
import { publicScore } from "#node/transition/epoch/reputation/standing.ts";

/** Shows the operator where the node stands after a close, and warns before a floor takes it out of the draws (REP-FLOOR). */
export function showStanding(
  chain: Pick<ChainView, "standing" | "parameter">,
  self: number,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
): void {
  const standing = chain.standing(self);
  if (!standing) return;
  const score = publicScore(standing);
  const floors = {
    reputation: Number(chain.parameter("reputationFloor") ?? 0n),
    uptime: Number(chain.parameter("uptimeFloorBps") ?? 0n),
  };
  const near = isNearFloor(standing, floors);
  metrics.gauge("flk_reputation", "Of this node at the last close, 0 to 100").set(score);
  metrics
    .gauge("flk_reputation_near_floor", "1 while it is less than the margin above a floor")
    .set(near ? 1 : 0);
  metrics.gauge("flk_reputation_out", "1 while a floor keeps it out of the draws").set(standing.out);
  if (!near) return;
  const { latency, uptime, throughput, success, trust } = standing;
  const event = standing.out === 1 ? "reputation.out" : "reputation.near_floor";
  logger.warn(event, { score, latency, uptime, throughput, success, trust });
}
