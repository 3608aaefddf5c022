import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { ackDigest } from "#protocol/digests/ack.ts";
import { laneId } from "#protocol/digests/ids.ts";
import { type AckCode, ackStatus } from "#protocol/errors/codes.ts";
import { MAX_DELEGATED_LANES, MAX_LANES_PER_SESSION, MAX_LANES_PER_SUBKEY } from "#protocol/params/limits.ts";
import type { Ack, SignedAck } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { type BalanceChange, CHANGE } from "#protocol/types/block.ts";
import type { SubmitAcks } from "#protocol/types/transactions.ts";
import { availableOf, debit, findAccount } from "../accounts.ts";
import { Delegations, findPayer, limitLeft, movePayer, type NoPayer, type Payer } from "../payer.ts";
import type { LaneCountRecord, LaneRecord } from "../records.ts";
import { payFromReservation, reservationLeft } from "../reservations.ts";
import { type State, workKey } from "../state.ts";
import { addCount, addUnits, keyAtNode, keyOf } from "../values.ts";
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
  const delegations = new Delegations(state.network.networkId, body.delegations, signatures);
  const submission = { node: body.node, delegations, signatures, changes };
  const statuses = body.acks.map((signed) => ackStatus(processAck(state, submission, signed)));
  return { changes, ackStatus: statuses };
}

interface Submission {
  node: number;
  delegations: Delegations;
  signatures: SignatureVerifier;
  changes: BalanceChange[];
}

function processAck(state: State, submission: Submission, signed: SignedAck): AckCode {
  const { ack } = signed;
  const price = checkOffer(state, submission.node, ack);
  if (typeof price === "string") return price;
  const id = laneId(ack);
  const keys = keysOf(ack, id);
  const lane = state.lanesOf(ack.epoch).get(keys.lane);
  const recorded = lane?.units ?? 0n;
  // what costs nothing yet is paid with what comes after it: no lane is recorded for free
  if (ack.units <= recorded || laneCost(price, ack.units) === laneCost(price, recorded))
    return "ACK_NO_CHANGE";
  const known = lane ? undefined : laneCount(state, ack.epoch, ack, keys.holder);
  if (known && known.lanes >= MAX_LANES_PER_SESSION) return "ERR_ACK_LANES";
  const payer = checkPayer(state, signed, submission, keys);
  if (typeof payer === "string") return payer;
  if (known && payer.delegate && hasDelegatedLanes(state, ack, payer, known.lanes)) return "ERR_ACK_LANES";

  const locked = reservationLeft(state, ack, keys.holder);
  const limit = limitLeft(payer, ack.epoch);
  const available = availableOf(state, ack.account, keys.account);
  const payment = payable(price, recorded, ack.units, locked + minBigint(available, limit));
  if (payment.amount > 0n) {
    const fromLocked = minBigint(locked, payment.amount);
    payFromReservation(state, ack, fromLocked, keys);
    submission.changes.push(debit(state, ack.account, payment.amount, CHANGE.ackPayment, keys.account));
    const { epoch } = ack;
    movePayer(state, payer, { epoch, spent: payment.amount, reserved: -fromLocked, reservations: 0 });
    recordLane(state, ack, { id, key: keys.lane }, lane, payment);
    if (known) countLane(state, ack, payer, { record: known, key: keys.holder });
  }
  if (payment.units === ack.units) return "OK";
  const what = payment.amount > 0n ? "PARTIAL" : "UNPAID";
  return limit < available ? `ACK_${what}_LIMIT` : `ACK_${what}_BALANCE`;
}

/** Of an acknowledgement in the tables: its lane, account, key, and key at its node. Made once, for each costs more than a look-up. */
interface AckKeys {
  lane: string;
  account: string;
  session: string;
  holder: string;
}

function keysOf({ account, session, node }: Ack, id: Uint8Array): AckKeys {
  const ofSession = keyOf(account, session);
  const holder = keyAtNode(ofSession, node);
  return { lane: keyOf(id), account: keyOf(account), session: ofSession, holder };
}

/** Deliveries count once all units of the acknowledgement that names them are paid. */
function recordLane(
  state: State,
  ack: Ack,
  { id, key }: { id: Uint8Array; key: string },
  lane: LaneRecord | undefined,
  payment: { units: bigint; amount: bigint },
): void {
  const counted = lane?.count ?? 0;
  const count = payment.units === ack.units ? Math.max(ack.count, counted) : counted;
  state.lanesOf(ack.epoch).put({ id, count, units: payment.units }, key);
  recordWork(state, ack, {
    units: payment.units - (lane?.units ?? 0n),
    deliveries: count - counted,
    lanes: lane ? 0 : 1,
    revenue: payment.amount,
  });
}

type LaneHolder = Pick<Ack, "account" | "session" | "node">;

function laneCount(
  state: State,
  epoch: number,
  { account, session, node }: LaneHolder,
  key: string,
): LaneCountRecord {
  const none = { account, session, node, lanes: 0, delegated: 0 };
  return state.laneCountsOf(epoch).get(key) ?? none;
}

/** One more lane of the ack's key at its node that is paid in its epoch. */
function countLane(
  state: State,
  ack: Ack,
  { session, sessionKey, delegate }: Payer,
  own: { record: LaneCountRecord; key: string },
): void {
  const counts = state.laneCountsOf(ack.epoch);
  counts.put({ ...own.record, lanes: own.record.lanes + 1 }, own.key);
  if (!delegate) return;
  const key = keyAtNode(sessionKey, ack.node);
  const parent = laneCount(state, ack.epoch, { ...ack, session: session.key }, key);
  counts.put({ ...parent, delegated: parent.delegated + 1 }, key);
}

/** As many as a delegated key may have there, or all of its session together. */
function hasDelegatedLanes(state: State, ack: Ack, { session, sessionKey }: Payer, own: number): boolean {
  const all = laneCount(state, ack.epoch, { ...ack, session: session.key }, keyAtNode(sessionKey, ack.node));
  return own >= MAX_LANES_PER_SUBKEY || all.delegated >= MAX_DELEGATED_LANES;
}

/** Epoch, node, service and commodity; gives the price (micro-USD per 10^9 units) of the ack's epoch. */
function checkOffer(state: State, node: number, ack: Ack): bigint | AckCode {
  if (ack.epoch !== state.epoch && ack.epoch !== state.epoch - 1) return "ERR_ACK_EPOCH";
  if (ack.node !== node) return "ERR_ACK_NODE";
  const service = state.serviceTable.get(String(ack.service));
  if (!service) return "ERR_ACK_SERVICE";
  return lanePrice(service, ack, state.epoch) ?? "ERR_ACK_COMMODITY";
}

const REFUSALS: Record<NoPayer, AckCode> = {
  unknown: "ERR_ACK_UNKNOWN_SESSION",
  expired: "ERR_ACK_SESSION_EXPIRED",
  delegation: "ERR_ACK_DELEGATION",
  delegationExpired: "ERR_ACK_DELEGATION_EXPIRED",
};

function checkPayer(
  state: State,
  { ack, signature }: SignedAck,
  { delegations, signatures }: Submission,
  keys: AckKeys,
): Payer | AckCode {
  if (!findAccount(state, ack.account, keys.account)) return "ERR_ACK_ACCOUNT";
  const payer = findPayer(state, ack, delegations, keys.session);
  if (typeof payer === "string") return REFUSALS[payer];
  return signatures.ed25519(ack.session, ackDigest(state.network.networkId, ack), signature)
    ? payer
    : "ERR_ACK_SIGNATURE";
}

function recordWork(
  state: State,
  ack: Ack,
  added: { units: bigint; deliveries: number; lanes: number; revenue: bigint },
): void {
  const { node, service, commodity } = ack;
  const key = workKey(ack);
  const known = state.work.get(key);
  const record = {
    node,
    service,
    commodity,
    units: addUnits(known?.units ?? 0n, added.units),
    deliveries: addCount(known?.deliveries ?? 0, added.deliveries),
    lanes: (known?.lanes ?? 0) + added.lanes,
    revenue: (known?.revenue ?? 0n) + added.revenue,
  };
  state.work.put(record, key);
}
