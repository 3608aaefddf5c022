import type { ChainView, SessionView } from "#node/interface/chain-view.ts";
import { PRICE_UNITS } from "#protocol/params/limits.ts";
import { maxBigint } from "#protocol/types/bigint.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { deliveryError } from "./errors.ts";
import type { LaneRequest, LaneState } from "./types.ts";

/** lanePaid = floor(price · units / 10^9), micro-USD (DESIGN §7). */
export function laneCost(price: bigint, units: bigint): bigint {
  return (price * units) / PRICE_UNITS;
}

/** What the chain still has to pay of a lane, micro-USD; nothing when its window is over. */
export function unpaid(chain: ChainView, lane: LaneState): bigint {
  if (lane.signed.ack.epoch < chain.head().epoch - 1) return 0n;
  const owed = laneCost(lane.price, lane.signed.ack.units) - laneCost(lane.price, chain.lanePaid(lane.id));
  return maxBigint(owed, 0n);
}

/** micro-USD per 10^9 units of a lane, or what the chain does not know. */
export function priceOf(
  chain: ChainView,
  service: number,
  commodity: number,
  epoch: number,
): bigint | "service" | "commodity" {
  const view = chain.service(service);
  if (!view) return "service";
  const price = (epoch === chain.head().epoch ? view.prices : view.previousPrices)[commodity];
  return price ?? "commodity";
}

/** micro-USD that a session may still spend in `epoch`, by the chain's word alone. */
function limitLeft(session: SessionView, epoch: number, current: number): bigint {
  return session.limit - (epoch === current ? session.spent : session.spentPrevious);
}

/**
 * Whether the account can pay for these lanes: `lanes` holds every lane of the account at this node, `session` is the
 * session of the one being judged, in `epoch`. Returns the code of the limit that is exceeded. Rule D5.
 */
export function overspent(
  chain: ChainView,
  lanes: readonly LaneState[],
  session: SessionView,
  sessionHex: string,
  epoch: number,
): "limit" | "balance" | undefined {
  let bySession = 0n;
  let byAccount = 0n;
  for (const lane of lanes) {
    const owed = unpaid(chain, lane);
    byAccount += owed;
    if (lane.signed.ack.epoch === epoch && sessionOf(lane) === sessionHex) bySession += owed;
  }
  if (bySession > limitLeft(session, epoch, chain.head().epoch)) return "limit";
  if (byAccount > (chain.account(session.account)?.balance ?? 0n)) return "balance";
  return undefined;
}

export function sessionOf(lane: LaneState): string {
  return bytesKey(lane.signed.ack.session);
}

/**
 * The session as the chain knows it, able to pay for something more.
 * @throws ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED, ERR_SESSION_BUDGET, ERR_INSUFFICIENT_BALANCE, ERR_SERVICE, ERR_COMMODITY
 */
export function assertServable(chain: ChainView, lanes: readonly LaneState[], request: LaneRequest): void {
  const { epoch } = chain.head();
  const session = chain.session(request.account, request.key);
  if (!session) throw deliveryError("ERR_UNKNOWN_SESSION", "the account has not authorised this session key");
  if (session.expiryEpoch < epoch) {
    throw deliveryError("ERR_SESSION_EXPIRED", `the session expired with epoch ${session.expiryEpoch}`, {
      epoch,
    });
  }
  const price = priceOf(chain, request.service, request.commodity, epoch);
  if (price === "service") throw deliveryError("ERR_SERVICE", `no service ${request.service}`);
  if (price === "commodity")
    throw deliveryError("ERR_COMMODITY", `service ${request.service} has no such commodity`);
  if (price === 0n) return;
  const owed = lanes.filter((l) => l.signed.ack.epoch === epoch && sessionOf(l) === bytesKey(request.key));
  const spending = owed.reduce((sum, lane) => sum + unpaid(chain, lane), 0n);
  if (spending >= session.limit - session.spent) {
    throw deliveryError("ERR_SESSION_BUDGET", "the session has spent its limit of this epoch", {
      limit: session.limit,
    });
  }
  const all = lanes.reduce((sum, lane) => sum + unpaid(chain, lane), 0n);
  const balance = chain.account(request.account)?.balance ?? 0n;
  if (all >= balance) {
    throw deliveryError("ERR_INSUFFICIENT_BALANCE", "the account's balance does not cover more", { balance });
  }
}
