import type { ChainView } from "#node/interface/chain-view.ts";
import { payable } from "#node/transition/block/lane-payment.ts";
import { ACK_CODES, type AckCode } from "#protocol/errors/codes.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { limitLeft, reservedLeft } from "./funds.ts";
import type { Progress } from "./revenue.ts";
import type { LaneState } from "./types.ts";

/**
 * What an acknowledgement's code means for its lane (rule D8): `paid`; `money`: the rest is paid once there is money for it; `final`:
 * nothing that can still happen in its window changes it.
 */
const OUTCOMES: Readonly<Record<AckCode, "paid" | "money" | "final">> = {
  OK: "paid",
  ACK_NO_CHANGE: "paid",
  ACK_PARTIAL_BALANCE: "money",
  ACK_PARTIAL_LIMIT: "money",
  ACK_UNPAID_BALANCE: "money",
  ACK_UNPAID_LIMIT: "money",
  // its window is over: one of an epoch to come is not handed in
  ERR_ACK_EPOCH: "final",
  ERR_ACK_NODE: "final",
  // services and their prices stand from the epoch's start on
  ERR_ACK_SERVICE: "final",
  ERR_ACK_COMMODITY: "final",
  // accounts and keys are never taken out, and were there when it was served
  ERR_ACK_ACCOUNT: "final",
  ERR_ACK_UNKNOWN_SESSION: "final",
  // an expiry never moves
  ERR_ACK_SESSION_EXPIRED: "final",
  ERR_ACK_SIGNATURE: "final",
  // counts of an epoch's lanes only grow
  ERR_ACK_LANES: "final",
  // who pays for a key in an epoch never changes
  ERR_ACK_DELEGATION: "final",
  ERR_ACK_DELEGATION_EXPIRED: "final",
};

/** Of an `ackStatus`; one that this version does not know is tried as if money were missing. */
export function outcomeOf(ackStatus: number | undefined): {
  code: string;
  outcome: "paid" | "money" | "final";
} {
  const code = ACK_CODES[ackStatus ?? -1];
  return code ? { code, outcome: OUTCOMES[code] } : { code: "ERR_RECEIPT", outcome: "money" };
}

/** Whether the chain, as seen now, would pay at least a part of what the lane is owed: after a refusal, whether there is more money. */
export function mayBePaid(chain: ChainView, lane: LaneState): boolean {
  const { account, session, epoch, node, units } = lane.signed.ack;
  const view = chain.account(account);
  if (!view) return false;
  const spender = { account, key: session, ...(lane.delegation && { delegation: lane.delegation }) };
  const free = minBigint(view.balance - view.reserved, limitLeft(chain, [], spender, { epoch, node }));
  const money = reservedLeft(chain, { account, session, epoch, node }) + maxBigint(free, 0n);
  return lane.price > 0n && payable(lane.price, chain.lanePaid(lane.id), units, money).amount > 0n;
}

/** What is due of a lane that the chain took not all of: `last` once, before its window ends, whatever the chain is seen to have. `now`: of the clock's `elapsed`; `left`: ms of the epoch. */
export function retryOf(
  chain: ChainView,
  lane: LaneState,
  progress: Progress,
  { now, left, lastMs }: { now: number; left: number; lastMs: number },
): "none" | "again" | "last" {
  if (progress.final) return "none";
  if (progress.shortMs === 0) return progress.notBefore > now ? "none" : "again";
  const head = chain.head();
  const ending = lane.signed.ack.epoch < head.epoch && left < lastMs;
  if (ending && !progress.lastTried) return "last";
  return progress.notBefore <= now && mayBePaid(chain, lane) ? "again" : "none";
}
