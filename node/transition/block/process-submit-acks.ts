import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { ackDigest } from "#protocol/digests/ack.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { type AckCode, ackStatus } from "#protocol/errors/codes.ts";
import { MAX_LANES_PER_SESSION } from "#protocol/params/limits.ts";
import type { Ack, SignedAck } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { type BalanceChange, CHANGE } from "#protocol/types/block.ts";
import type { SubmitAcks } from "#protocol/types/transactions.ts";
import { availableOf, debit, findAccount } from "../accounts.ts";
import type { LaneRecord, SessionRecord } from "../records.ts";
import { limitLeft, payFromReservation, reservationLeft } from "../reservations.ts";
import { nodeKey, type State, workKey } from "../state.ts";
import { addCount, addUnits, keyOf } from "../values.ts";
import { rollSession } from "../views.ts";
import { laneCost, lanePrice, payable } from "./lane-payment.ts";
import { rejection } from "./rejection.ts";

/**
 * Pays what each acknowledgement adds to its lane (TRN-ACK). Each gets its own code; one bad one costs the others nothing.
 * @throws ERR_NO_ACKS
 */
export function processSubmitAcks(
  state: State,
  body: SubmitAcks,
  signatures: SignatureVerifier,
): { changes: BalanceChange[]; ackStatus: number[] } {
  if (body.acks.length === 0) throw rejection("ERR_NO_ACKS", "no acknowledgements");
  const changes: BalanceChange[] = [];
  const statuses = body.acks.map((signed) =>
    ackStatus(processAck(state, body.node, signed, changes, signatures)),
  );
  return { changes, ackStatus: statuses };
}

function processAck(
  state: State,
  node: number,
  signed: SignedAck,
  changes: BalanceChange[],
  signatures: SignatureVerifier,
): AckCode {
  const { ack } = signed;
  const price = checkOffer(state, node, ack);
  if (typeof price === "string") return price;
  const lanes = state.lanesOf(ack.epoch);
  const id = laneId(laneKeyOf(ack));
  const lane = lanes.get(keyOf(id));
  const recorded = lane?.units ?? 0n;
  // what costs nothing yet is paid with what comes after it: no lane is recorded for free
  if (ack.units <= recorded || laneCost(price, ack.units) === laneCost(price, recorded))
    return "ACK_NO_CHANGE";
  if (!lane && laneCount(state, ack) >= MAX_LANES_PER_SESSION) return "ERR_ACK_LANES";
  const valid = checkSession(state, signed, signatures);
  if (typeof valid === "string") return valid;

  const session = rollSession(valid, state.epoch);
  const locked = reservationLeft(state, ack);
  const limit = limitLeft(session, ack.epoch);
  const available = availableOf(state, ack.account);
  const payment = payable(price, recorded, ack.units, locked + minBigint(available, limit));
  if (payment.amount > 0n) {
    const fromLocked = minBigint(locked, payment.amount);
    payFromReservation(state, ack, fromLocked);
    changes.push(debit(state, ack.account, payment.amount, CHANGE.ackPayment));
    state.sessions.put(spend(session, ack.epoch, payment.amount, fromLocked));
    recordLane(state, ack, id, lane, payment);
  }
  if (payment.units === ack.units) return "OK";
  return limit < available ? "ACK_PARTIAL_LIMIT" : "ACK_PARTIAL_BALANCE";
}

/** Deliveries count once all units of the acknowledgement that names them are paid. */
function recordLane(
  state: State,
  ack: Ack,
  id: Uint8Array,
  lane: LaneRecord | undefined,
  payment: { units: bigint; amount: bigint },
): void {
  const counted = lane?.count ?? 0;
  const count = payment.units === ack.units ? Math.max(ack.count, counted) : counted;
  state.lanesOf(ack.epoch).put({ id, count, units: payment.units });
  if (!lane) {
    const { account, session, node } = ack;
    state.laneCountsOf(ack.epoch).put({ account, session, node, lanes: laneCount(state, ack) + 1 });
  }
  recordWork(state, ack, {
    units: payment.units - (lane?.units ?? 0n),
    deliveries: count - counted,
    lanes: lane ? 0 : 1,
    revenue: payment.amount,
  });
}

/** Lanes of the ack's session at its node that were paid in its epoch. */
function laneCount(state: State, ack: Ack): number {
  return state.laneCountsOf(ack.epoch).get(nodeKey(ack))?.lanes ?? 0;
}

/** Epoch, node, service and commodity; gives the price (micro-USD per 10^9 units) of the ack's epoch. */
function checkOffer(state: State, node: number, ack: Ack): bigint | AckCode {
  if (ack.epoch !== state.epoch && ack.epoch !== state.epoch - 1) return "ERR_ACK_EPOCH";
  if (ack.node !== node) return "ERR_ACK_NODE";
  const service = state.serviceTable.get(String(ack.service));
  if (!service) return "ERR_ACK_SERVICE";
  return lanePrice(service, ack, state.epoch) ?? "ERR_ACK_COMMODITY";
}

function checkSession(
  state: State,
  signed: SignedAck,
  signatures: SignatureVerifier,
): SessionRecord | AckCode {
  const { ack, signature } = signed;
  if (!findAccount(state, ack.account)) return "ERR_ACK_ACCOUNT";
  const session = state.sessions.get(keyOf(ack.account, ack.session));
  if (!session) return "ERR_ACK_UNKNOWN_SESSION";
  if (ack.epoch > session.expiryEpoch) return "ERR_ACK_SESSION_EXPIRED";
  return signatures.ed25519(ack.session, ackDigest(state.network.networkId, ack), signature)
    ? session
    : "ERR_ACK_SIGNATURE";
}

/** `session` is rolled to the current epoch; `fromLocked` of `amount` comes from a reservation. */
function spend(session: SessionRecord, ackEpoch: number, amount: bigint, fromLocked: bigint): SessionRecord {
  return ackEpoch === session.spentEpoch
    ? { ...session, spent: session.spent + amount, reserved: session.reserved - fromLocked }
    : {
        ...session,
        spentPrevious: session.spentPrevious + amount,
        reservedPrevious: session.reservedPrevious - fromLocked,
      };
}

function recordWork(
  state: State,
  ack: Ack,
  added: { units: bigint; deliveries: number; lanes: number; revenue: bigint },
): void {
  const { node, service, commodity } = ack;
  const known = state.work.get(workKey(ack));
  state.work.put({
    node,
    service,
    commodity,
    units: addUnits(known?.units ?? 0n, added.units),
    deliveries: addCount(known?.deliveries ?? 0, added.deliveries),
    lanes: (known?.lanes ?? 0) + added.lanes,
    revenue: (known?.revenue ?? 0n) + added.revenue,
  });
}
