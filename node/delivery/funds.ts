import type { ChainView, SessionView } from "#node/interface/chain-view.ts";
import { laneCost } from "#node/transition/block/lane-payment.ts";
import { creditSteps } from "#protocol/params/credit.ts";
import { PRICE_UNITS } from "#protocol/params/limits.ts";
import type { SignedDelegation } from "#protocol/types/ack.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { deliveryError } from "./errors.ts";
import type { LaneRequest, LaneState } from "./types.ts";

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

/** What a session key has with this node in one epoch. */
export interface Tab {
  epoch: number;
  account: Uint8Array;
  session: Uint8Array;
  node: number;
}

/** micro-USD left of what the key reserved for the node in the epoch. */
export function reservedLeft(chain: ChainView, tab: Tab): bigint {
  const view = chain.reservation(tab);
  return view ? view.amount - view.paid : 0n;
}

/**
 * micro-USD that the key's reservation for the node covers beyond what it acknowledged in the epoch and the chain has not
 * paid; below zero: so much is not covered. `lanes` may hold those of other keys and epochs.
 */
export function spareOf(chain: ChainView, lanes: Iterable<LaneState>, tab: Tab): bigint {
  const key = bytesKey(tab.session);
  let spare = reservedLeft(chain, tab);
  for (const lane of lanes) {
    if (lane.signed.ack.epoch === tab.epoch && sessionOf(lane) === key) spare -= unpaid(chain, lane);
  }
  return spare;
}

/** What acknowledged work is not covered by its key's reservation, of all lanes, micro-USD. */
function uncovered(chain: ChainView, lanes: readonly LaneState[]): bigint {
  const spare = new Map<string, bigint>();
  for (const lane of lanes) {
    const { epoch, account, session, node } = lane.signed.ack;
    const tab = `${sessionOf(lane)}${epoch}`;
    const left = spare.get(tab) ?? reservedLeft(chain, { epoch, account, session, node });
    spare.set(tab, left - unpaid(chain, lane));
  }
  let sum = 0n;
  for (const left of spare.values()) sum += maxBigint(-left, 0n);
  return sum;
}

/** What spends: a key, by itself or for the session key that delegated to it. */
export interface Spender {
  account: Uint8Array;
  key: Uint8Array;
  delegation?: SignedDelegation;
}

/** The session key whose limit counts. */
export function parentOf({ key, delegation }: Spender): Uint8Array {
  return delegation ? delegation.delegation.session : key;
}

/**
 * micro-USD that the key may have uncovered in `epoch`: what is left of its session's limit beside all reservations and what
 * other keys of the session have uncovered here, and of its own.
 */
export function limitLeft(
  chain: ChainView,
  lanes: readonly LaneState[],
  spender: Spender,
  at: { epoch: number; node: number },
): bigint {
  const { account, key, delegation } = spender;
  const parent = parentOf(spender);
  const session = chain.session(account, parent);
  if (!session) return 0n;
  const { epoch } = at;
  const current = epoch === chain.head().epoch;
  const spent = current ? session.spent + session.reserved : session.spentPrevious + session.reservedPrevious;
  const parentKey = bytesKey(parent);
  const siblings = lanes.filter(({ signed: { ack }, delegation: other }) => {
    const of = parentOf({ account, key: ack.session, ...(other && { delegation: other }) });
    return ack.epoch === epoch && bytesKey(of) === parentKey && !equalBytes(ack.session, key);
  });
  const left = session.limit - spent - uncovered(chain, siblings);
  if (!delegation) return left;
  const own = chain.delegate(account, key, epoch);
  return minBigint(left, delegation.delegation.limit - (own ? own.spent + own.reserved : 0n));
}

function available(chain: ChainView, account: Uint8Array): bigint {
  const view = chain.account(account);
  return view ? view.balance - view.reserved : 0n;
}

/**
 * Whether the account can pay for these lanes: `lanes` holds every lane of the account at this node, `spender` and `at` say
 * whose is being judged. Returns the code of the limit that is exceeded. Rule D5.
 */
export function overspent(
  chain: ChainView,
  lanes: readonly LaneState[],
  spender: Spender,
  at: { epoch: number; node: number },
): "limit" | "balance" | undefined {
  const { account, key: session } = spender;
  const beyond = -spareOf(chain, lanes, { ...at, account, session });
  if (beyond > 0n && beyond > limitLeft(chain, lanes, spender, at)) return "limit";
  const all = uncovered(chain, lanes);
  return all > 0n && all > available(chain, account) ? "balance" : undefined;
}

export function sessionOf(lane: LaneState): string {
  return bytesKey(lane.signed.ack.session);
}

/** In units, at the price of what is asked. */
export interface Cover {
  /** may be under way for the money that there is */
  covered: number;
  /** were acknowledged, and there is no money for them */
  uncovered: number;
}

/**
 * How far a key's reservations go beyond what it acknowledged and the chain has not paid, and the first step. What the
 * epoch before reserved counts while its acknowledgements are `late`, but are taken; as those of the new epoch are not paid
 * out of it, they stay uncovered beside it. `lanes` are the key's at this node. Rule D3.
 */
export function coverOf(
  chain: ChainView,
  lanes: readonly LaneState[],
  { node, request, late }: { node: number; request: LaneRequest; late: boolean },
): Cover {
  const { epoch } = chain.head();
  const { first, max } = creditSteps(request.commodity);
  const price = priceOf(chain, request.service, request.commodity, epoch);
  if (typeof price !== "bigint" || price === 0n) return { covered: max, uncovered: 0 };
  const tab = { account: request.account, session: request.key, node };
  const before = spareOf(chain, lanes, { ...tab, epoch: epoch - 1 });
  const now = spareOf(chain, lanes, { ...tab, epoch });
  const spare = now + (late ? before : minBigint(before, 0n));
  const owed = maxBigint(-now, 0n) + maxBigint(-before, 0n);
  const units = (micro: bigint): number => Number(minBigint((micro * PRICE_UNITS) / price, BigInt(max)));
  return { covered: Math.max(0, Math.min(units(spare) + first, max)), uncovered: units(owed) };
}

/**
 * The node's own minimum: `minimum` micro-USD per 10^9 units, at the prices of this epoch. Rule D5.
 * @throws ERR_PRICE_TOO_LOW
 */
export function assertPriced(chain: ChainView, request: LaneRequest, minimum: bigint): void {
  const price = priceOf(chain, request.service, request.commodity, chain.head().epoch);
  if (typeof price !== "bigint" || price >= minimum) return;
  throw deliveryError(
    "ERR_PRICE_TOO_LOW",
    `service ${request.service} pays ${price}, this node asks ${minimum}`,
    {
      price,
      minimum,
    },
  );
}

/**
 * The session as the chain knows it, for something new.
 * @throws ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED (also once it is revoked), ERR_DELEGATION_EXPIRED
 */
export function assertAuthorised(chain: ChainView, request: LaneRequest): SessionView {
  const { epoch } = chain.head();
  const session = chain.session(request.account, parentOf(request));
  if (!session) throw deliveryError("ERR_UNKNOWN_SESSION", "the account has not authorised this session key");
  if (session.revoked) throw deliveryError("ERR_SESSION_EXPIRED", "the account has revoked the session key");
  if (session.expiryEpoch < epoch) {
    throw deliveryError("ERR_SESSION_EXPIRED", `the session expired with epoch ${session.expiryEpoch}`, {
      epoch,
    });
  }
  assertDelegated(request, epoch);
  return session;
}

/**
 * As `assertAuthorised`, and able to pay for something more.
 * @throws its codes, ERR_DELEGATION, ERR_SESSION_BUDGET, ERR_INSUFFICIENT_BALANCE, ERR_SERVICE, ERR_COMMODITY
 */
export function assertServable(
  chain: ChainView,
  lanes: readonly LaneState[],
  request: LaneRequest,
  node: number,
): void {
  const { epoch } = chain.head();
  const session = assertAuthorised(chain, request);
  assertPayer(chain, lanes, request, epoch);
  const price = priceOf(chain, request.service, request.commodity, epoch);
  if (price === "service") throw deliveryError("ERR_SERVICE", `no service ${request.service}`);
  if (price === "commodity")
    throw deliveryError("ERR_COMMODITY", `service ${request.service} has no such commodity`);
  const spare = spareOf(chain, lanes, { epoch, account: request.account, session: request.key, node });
  if (price === 0n || spare > 0n) return;
  if (-spare >= limitLeft(chain, lanes, request, { epoch, node })) {
    throw deliveryError("ERR_SESSION_BUDGET", "the session has spent its limit of this epoch", {
      limit: session.limit,
    });
  }
  const balance = available(chain, request.account);
  if (uncovered(chain, lanes) >= balance) {
    throw deliveryError("ERR_INSUFFICIENT_BALANCE", "the account's balance does not cover more", { balance });
  }
}

/** @throws ERR_DELEGATION_EXPIRED also before it begins */
function assertDelegated({ delegation }: LaneRequest, epoch: number): void {
  if (!delegation || coversEpoch(delegation, epoch)) return;
  throw deliveryError("ERR_DELEGATION_EXPIRED", "the delegation is not for this epoch", { epoch });
}

/**
 * In one epoch the chain pays for a key from one session (TRN-DELEGATE): the first it was paid by, or else the account's own of
 * that key. `lanes` may hold those of other keys and epochs. Rule D11.
 * @throws ERR_DELEGATION
 */
export function assertPayer(
  chain: ChainView,
  lanes: readonly LaneState[],
  request: LaneRequest,
  epoch: number,
): void {
  const { account, key, delegation } = request;
  const parent = parentOf(request);
  const recorded = chain.delegate(account, key, epoch);
  if (recorded ? !equalBytes(recorded.session, parent) : delegation && chain.session(account, key)) {
    throw deliveryError("ERR_DELEGATION", "the chain pays for this key from another session in this epoch");
  }
  const id = bytesKey(key);
  for (const lane of lanes) {
    const { ack } = lane.signed;
    if (ack.epoch !== epoch || sessionOf(lane) !== id) continue;
    if (equalBytes(parentOf({ ...lane, account, key }), parent)) continue;
    throw deliveryError("ERR_DELEGATION", "another session key pays for this key in this epoch");
  }
}

export function coversEpoch({ delegation }: SignedDelegation, epoch: number): boolean {
  return epoch >= delegation.from && epoch <= delegation.to;
}
