import type { ChainView } from "#node/interface/chain-view.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { ackDigest, EMPTY_LOG, extendLog } from "#protocol/digests/ack.ts";
import type { Ack, SignedAck } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type DeliveryCode, deliveryError } from "./errors.ts";
import { assertPayer, coversEpoch, overspent, parentOf, priceOf } from "./funds.ts";
import type { LaneBook } from "./lane-book.ts";
import type { ClaimedDelivery, LaneRequest, LaneState } from "./types.ts";

export interface AckContext {
  networkId: Uint8Array;
  signatures: SignatureVerifier;
  /** nodeId */
  self: number;
  chain: ChainView;
  lanes: LaneBook;
  /** Unix ms until which acknowledgements of the epoch before the current one are taken */
  lateUntil: number;
  /** Unix ms */
  now: number;
}

function refuse(
  code: DeliveryCode,
  message: string,
  data: Record<string, string | number | bigint> = {},
): never {
  throw deliveryError(code, message, data);
}

/** The lane must be the session's own. Rule D4.1. */
function checkLane(context: AckContext, request: LaneRequest, ack: Ack): void {
  if (ack.node !== context.self) refuse("ERR_ACK_NODE", `for node ${ack.node}, this is node ${context.self}`);
  if (!equalBytes(ack.account, request.account))
    refuse("ERR_ACK_ACCOUNT", "for another account than the session's");
  if (!equalBytes(ack.session, request.key)) refuse("ERR_ACK_UNKNOWN_SESSION", "for another session key");
  if (ack.service !== request.service) refuse("ERR_ACK_SERVICE", `for service ${ack.service}`);
  if (ack.commodity !== request.commodity) refuse("ERR_ACK_COMMODITY", `for commodity ${ack.commodity}`);
  if (ack.lane !== request.lane)
    refuse("ERR_ACK_LANE", `for lane ${ack.lane}, the session has ${request.lane}`);
}

/** The current epoch, or the one before it for LATE_ACK_MS after its close. Rule D4.2. */
function checkEpoch(context: AckContext, ack: Ack): void {
  const current = context.chain.head().epoch;
  if (ack.epoch === current) return;
  if (ack.epoch === current - 1 && context.now <= context.lateUntil) return;
  refuse("ERR_ACK_EPOCH", `for epoch ${ack.epoch}, the current one is ${current}`, { epoch: current });
}

/** Cumulative and without a gap; true when it is the newest one again. Rule D4.4. */
function isRepeat(newest: SignedAck | undefined, signed: SignedAck): boolean {
  const { ack } = signed;
  if (!newest) return false;
  const last = newest.ack;
  if (ack.count < last.count || ack.units < last.units) {
    refuse(
      "ERR_ACK_LOWER",
      `count ${ack.count}, units ${ack.units}; the newest has ${last.count}, ${last.units}`,
    );
  }
  if (ack.count > last.count) return false;
  if (ack.units === last.units && equalBytes(ack.log, last.log)) return true;
  return refuse("ERR_ACK_CONFLICT", `another acknowledgement with count ${ack.count} is signed already`);
}

/** The entries are exactly what turns the newest log into this one. Rule D4.5. */
function checkLog(newest: SignedAck | undefined, ack: Ack, entries: readonly ClaimedDelivery[]): void {
  const from = newest?.ack ?? { count: 0, units: 0n, log: EMPTY_LOG };
  if (ack.count - from.count !== entries.length) {
    refuse(
      "ERR_ACK_GAP",
      `${entries.length} deliveries do not lead from count ${from.count} to ${ack.count}`,
    );
  }
  let { units, log } = from;
  for (const entry of entries) {
    units += entry.units;
    log = extendLog(log, entry);
  }
  if (units !== ack.units) refuse("ERR_ACK_UNITS", `the deliveries make ${units} units, not ${ack.units}`);
  if (!equalBytes(log, ack.log)) refuse("ERR_ACK_LOG", "the log does not follow from the deliveries");
}

function checkFunds(context: AckContext, request: LaneRequest, lane: LaneState): void {
  const { ack } = lane.signed;
  const session = context.chain.session(ack.account, parentOf(request));
  if (!session) refuse("ERR_ACK_UNKNOWN_SESSION", "the account has not authorised this session key");
  if (session.expiryEpoch < ack.epoch) {
    refuse("ERR_ACK_SESSION_EXPIRED", `the session expired with epoch ${session.expiryEpoch}`);
  }
  if (request.delegation && !coversEpoch(request.delegation, ack.epoch)) {
    refuse("ERR_ACK_DELEGATION_EXPIRED", `the delegation is not for epoch ${ack.epoch}`);
  }
  assertPayer(context.chain, context.lanes.ofKey(ack.account, ack.session), request, ack.epoch);
  const others = context.lanes.ofAccount(ack.account).filter((l) => l.idKey !== lane.idKey);
  const over = overspent(context.chain, [...others, lane], request, ack);
  if (over === "limit") refuse("ERR_ACK_LIMIT", "beyond what the session key may spend in this epoch");
  if (over === "balance") refuse("ERR_ACK_BALANCE", "beyond the account's balance that is not reserved");
}

/**
 * Judges an acknowledgement (rules D4, D5); changes nothing. `undefined`: it is the newest one again.
 * @throws ERR_ACK_…, ERR_DELEGATION
 */
export function verifyAck(
  context: AckContext,
  request: LaneRequest,
  laneId: Uint8Array,
  signed: SignedAck,
  entries: readonly ClaimedDelivery[],
): { price: bigint } | undefined {
  const { ack } = signed;
  checkLane(context, request, ack);
  checkEpoch(context, ack);
  const digest = ackDigest(context.networkId, ack);
  if (!context.signatures.ed25519(ack.session, digest, signed.signature)) {
    refuse("ERR_ACK_SIGNATURE", "not signed by the session key for this network");
  }
  const idKey = bytesKey(laneId);
  const newest = context.lanes.get(idKey)?.signed;
  if (isRepeat(newest, signed)) return undefined;
  checkLog(newest, ack, entries);
  const price = priceOf(context.chain, ack.service, ack.commodity, ack.epoch);
  if (price === "service") refuse("ERR_ACK_SERVICE", `no service ${ack.service}`);
  if (price === "commodity")
    refuse("ERR_ACK_COMMODITY", `service ${ack.service} has no commodity ${ack.commodity}`);
  const { delegation } = request;
  checkFunds(context, request, { id: laneId, idKey, signed, price, ...(delegation && { delegation }) });
  return { price };
}
