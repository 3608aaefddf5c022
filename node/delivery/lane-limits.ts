import { MAX_DELEGATED_LANES, MAX_LANES_PER_SUBKEY } from "#protocol/params/limits.ts";
import { deliveryError } from "./errors.ts";
import type { LaneBook } from "./lane-book.ts";
import type { LaneRequest } from "./types.ts";

export interface LaneLimits {
  /** lanes of one session key in one epoch; 64 when absent */
  maxLanesPerKey?: number;
  /** lanes of all delegated keys of one session key in one epoch; what the chain pays for when absent */
  maxDelegatedLanes?: number;
}

const MAX_LANES_PER_KEY = 64;

/** The chain pays for no more lanes of one session key's delegated keys together. @throws ERR_TOO_MANY_LANES */
export function assertDelegatedLane(
  lanes: LaneBook,
  { delegation }: LaneRequest,
  epoch: number,
  { maxDelegatedLanes: max = MAX_DELEGATED_LANES }: LaneLimits,
): void {
  if (delegation && lanes.delegated(delegation, epoch) >= max) {
    const message = `the delegated keys of a session key have at most ${max} lanes together`;
    throw deliveryError("ERR_TOO_MANY_LANES", message, { max });
  }
}

/** Whether the key may have one more lane in `epoch`. @throws ERR_TOO_MANY_LANES */
export function assertLaneAllowed(
  lanes: LaneBook,
  request: LaneRequest,
  epoch: number,
  limits: LaneLimits,
): void {
  const { account, key, delegation } = request;
  assertDelegatedLane(lanes, request, epoch, limits);
  const own = lanes.ofKey(account, key).filter((lane) => lane.signed.ack.epoch === epoch);
  const { maxLanesPerKey: most = MAX_LANES_PER_KEY } = limits;
  const max = delegation ? Math.min(most, MAX_LANES_PER_SUBKEY) : most;
  if (own.length >= max)
    throw deliveryError("ERR_TOO_MANY_LANES", `a session key has at most ${max} lanes`, { max });
}
