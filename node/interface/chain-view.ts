import type { CertifiedBlock } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";

export interface AccountView {
  /** micro-USD */
  balance: bigint;
  /** of it locked for nodes */
  reserved: bigint;
  depositsSeen: bigint;
  /** of the next transaction */
  nonce: number;
  /** cumulative payouts: micro-USD, wei */
  payoutStable: bigint;
  payoutFlk: bigint;
}

export interface SessionView {
  account: Uint8Array;
  key: Uint8Array;
  expiryEpoch: number;
  /** for nothing new is it served; what it acknowledged is paid */
  revoked: boolean;
  /** micro-USD per epoch */
  limit: bigint;
  /** micro-USD spent in the current and in the previous epoch */
  spent: bigint;
  spentPrevious: bigint;
  /** micro-USD left of what it reserved in the current and in the previous epoch */
  reserved: bigint;
  reservedPrevious: bigint;
}

/** What a session key locked for a node in an epoch, in all, and what was paid out of it; micro-USD. */
export interface ReservationView {
  epoch: number;
  account: Uint8Array;
  session: Uint8Array;
  node: number;
  amount: bigint;
  paid: bigint;
}

/** What a delegated key spent and has left of its reservations in one epoch, for `session`; micro-USD. */
export interface DelegateView {
  session: Uint8Array;
  spent: bigint;
  reserved: bigint;
}

export interface NodeView {
  nodeId: number;
  owner: Uint8Array;
  consensusKey: Uint8Array;
  keyVersion: number;
  networkKey: Uint8Array;
  endpoints: string;
  /** wei */
  stake: bigint;
  thawing: bigint;
  optedIn: boolean;
  /** 0–100 */
  reputation: number;
  nonce: number;
  /** highest that it handed in */
  sequence: number;
  /** micro-USD of acknowledged work in the current epoch */
  revenue: bigint;
}

/** Of 10 000 each, at the last close (REP-SCORE). */
export interface StandingView {
  latency: number;
  uptime: number;
  throughput: number;
  success: number;
  trust: number;
  credibility: number;
  /** 0 until enough trust has measured it: a newcomer */
  measured: number;
  /** reports about it in the last epoch */
  reporters: number;
  /** 1 while it is out by a floor (REP-FLOOR) */
  out: number;
}

/** Where a node is seen from the floors: `below` one while others that are worse are out, `near` within the margin above one. */
export type StandingPlace = "good" | "near" | "below" | "out";

export interface PlacedStanding extends StandingView {
  /** 0–100 */
  score: number;
  place: StandingPlace;
}

/** Where the last close put a node (REP-STATUS). */
export interface NodePlaceView {
  node: number;
  epoch: number;
  now: PlacedStanding;
  /** 0: there is none. Score 0–100, uptime of 10 000 */
  floors: { reputation: number; uptime: number };
  /** so much is the score, and uptime, above its floor; negative below it */
  above: { reputation: number; uptime: number };
}

/** What a node has to know of its reputation and its draws (REP-STATUS). */
export interface NodeStatusView extends NodePlaceView {
  /** what the end of this epoch makes of it by the reports so far; a sixteenth of them may be left out */
  expected: PlacedStanding & { reports: number };
  /** may be drawn at the end of this epoch, for the next one */
  inNextDraw: boolean;
  /** may be drawn at the end of the next epoch, if this one ends as expected */
  inDrawAfter: boolean;
}

export interface ServiceView {
  serviceId: number;
  owner: Uint8Array;
  /** micro-USD per 10^9 units by commodity: of the current epoch */
  prices: bigint[];
  /** of the epoch before, for acknowledgements that come late */
  previousPrices: bigint[];
}

export interface HeadView {
  epoch: number;
  /** blocks executed in this epoch */
  blocks: number;
  /** number of the last block in all, from 0; -1 before the first */
  height: number;
  blockRoot: Uint8Array;
  stateRoot: Uint8Array;
  /** Unix ms of the last block */
  time: number;
  /** Unix ms: earliest close of this epoch */
  epochEnd: number;
  l2Number: number;
}

/** What delivery, rpc and metrics read of the executed chain. Reads are of the last committed block. */
export interface ChainView {
  head(): HeadView;
  committee(): Committee;
  account(address: Uint8Array): AccountView | undefined;
  session(account: Uint8Array, key: Uint8Array): SessionView | undefined;
  node(nodeId: number): NodeView | undefined;
  nodes(): NodeView[];
  service(serviceId: number): ServiceView | undefined;
  services(): ServiceView[];
  /** why the node has its reputation; undefined before its first close */
  standing(nodeId: number): StandingView | undefined;
  /** how the node stands since the last close; undefined for an unknown one */
  place(nodeId: number): NodePlaceView | undefined;
  /** `place`, and what comes next, which takes an aggregation now and then */
  status(nodeId: number): NodeStatusView | undefined;
  /** whom the node observes in this epoch (REP-RING) */
  observed(nodeId: number): number[];
  /** units paid in a lane of the current or previous epoch, 0n when unknown */
  lanePaid(laneId: Uint8Array): bigint;
  /** of the current or the previous epoch */
  reservation(key: Omit<ReservationView, "amount" | "paid">): ReservationView | undefined;
  /** of the current or the previous epoch */
  delegate(account: Uint8Array, subkey: Uint8Array, epoch: number): DelegateView | undefined;
  parameter(name: string): bigint | undefined;
  report(epoch: number): Promise<EpochReport | undefined>;
  settlement(epoch: number): Promise<SettlementCertificate | undefined>;
  /** by height; undefined while it has no commit certificate here */
  block(height: number): Promise<CertifiedBlock | undefined>;
  onBlock(handler: (block: CertifiedBlock) => void): () => void;
  onEpoch(handler: (closedEpoch: number) => void): () => void;
}

/** Where transactions enter. */
export interface TransactionPool {
  /**
   * Checks form and signature, and hands on to the committee. Resolves with the transaction id once it is accepted
   * (durable here); commitment is seen by `receipt`.
   * @throws a receipt code (ERR_TX_MALFORMED, ERR_BAD_SIGNATURE, …) or ERR_POOL_FULL
   */
  submit(transaction: Uint8Array): Promise<Uint8Array>;
  /** status of a committed transaction (index into RECEIPT_CODES), undefined while it is not committed */
  receipt(txId: Uint8Array): Promise<{ height: number; status: number; ackStatus: number[] } | undefined>;
}
