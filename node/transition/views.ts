import type { AccountView, NodeView, ServiceView, SessionView } from "#node/interface/chain-view.ts";
import type { AccountRecord, NodeRecord, ServiceRecord, SessionRecord } from "./records.ts";

/** The record with what is reserved in `epoch` and in the one before: what older epochs reserved is free (TRN-RESERVE). */
export function rollAccount(account: AccountRecord, epoch: number): AccountRecord {
  if (account.reservedEpoch === epoch) return account;
  const reservedPrevious = account.reservedEpoch === epoch - 1 ? account.reserved : 0n;
  return { ...account, reservedEpoch: epoch, reserved: 0n, reservedPrevious };
}

/** micro-USD of the balance that reservations hold in `epoch`. */
export function reservedOf(account: AccountRecord, epoch: number): bigint {
  const { reserved, reservedPrevious } = rollAccount(account, epoch);
  return reserved + reservedPrevious;
}

/** The record with what is spent and reserved in `epoch` and in the one before. */
export function rollSession(session: SessionRecord, epoch: number): SessionRecord {
  if (session.spentEpoch === epoch) return session;
  const last = session.spentEpoch === epoch - 1;
  return {
    ...session,
    spentEpoch: epoch,
    spent: 0n,
    spentPrevious: last ? session.spent : 0n,
    reserved: 0n,
    reservedPrevious: last ? session.reserved : 0n,
    reservations: 0,
    delegatedReservations: 0,
  };
}

export function accountView(record: AccountRecord, epoch: number): AccountView {
  const { balance, depositsSeen, nonce, payoutStable, payoutFlk } = record;
  const reserved = reservedOf(record, epoch);
  return { balance, reserved, depositsSeen, nonce, payoutStable, payoutFlk };
}

export function sessionView(record: SessionRecord, epoch: number): SessionView {
  const { account, key, expiryEpoch, limit } = record;
  const { spent, spentPrevious, reserved, reservedPrevious } = rollSession(record, epoch);
  const revoked = record.revoked === 1;
  return { account, key, expiryEpoch, revoked, limit, spent, spentPrevious, reserved, reservedPrevious };
}

export function nodeView(record: NodeRecord, revenue: bigint): NodeView {
  const { nodeId, owner, consensusKey, keyVersion, networkKey, stake, thawing, reputation, nonce, sequence } =
    record;
  return {
    nodeId,
    owner,
    consensusKey,
    keyVersion,
    networkKey,
    endpoints: new TextDecoder().decode(record.endpoints),
    stake,
    thawing,
    optedIn: record.optedIn === 1,
    reputation,
    nonce,
    sequence,
    revenue,
  };
}

export function serviceView(record: ServiceRecord): ServiceView {
  return {
    serviceId: record.serviceId,
    owner: record.owner,
    prices: [...record.prices],
    previousPrices: [...record.previousPrices],
  };
}
