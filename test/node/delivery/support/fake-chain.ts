import { blake3 } from "#crypto";
import type {
  AccountView,
  ChainView,
  DelegateView,
  HeadView,
  NodeView,
  ReservationView,
  ServiceView,
  SessionView,
  TransactionPool,
} from "#node/interface/chain-view.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { parsePayload } from "#protocol/digests/transactions.ts";
import { ackStatus, type ReceiptCode, receiptStatus } from "#protocol/errors/codes.ts";
import type { Ack, Reserve, SignedDelegation } from "#protocol/types/ack.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { SignedTransaction, TX } from "#protocol/types/transactions.ts";

const PRICE_UNITS = 1_000_000_000n;

interface Lane {
  epoch: number;
  units: bigint;
}

type ReservationKey = Omit<ReservationView, "amount" | "paid">;

function reservationKey({ epoch, account, session, node }: ReservationKey): string {
  return `${epoch}/${toHex(account)}/${toHex(session)}/${node}`;
}

type Key = Pick<Ack, "account" | "session" | "epoch">;

function delegateKey(account: Uint8Array, key: Uint8Array, epoch: number): string {
  return `${epoch}/${toHex(account)}/${toHex(key)}`;
}

/** A chain that executes SubmitAcks and Reserve when told to, by the rules of DESIGN §7 and nothing more. */
export class FakeChain implements ChainView, TransactionPool {
  readonly accounts = new Map<string, AccountView>();
  readonly sessions = new Map<string, SessionView>();
  readonly nodeViews = new Map<number, NodeView>();
  readonly serviceViews: ServiceView[] = [
    {
      serviceId: 0,
      owner: new Uint8Array(20),
      prices: [1_000_000_000n, 5n],
      previousPrices: [1_000_000_000n, 5n],
    },
  ];
  /** submitted and not committed */
  readonly waiting: Uint8Array[] = [];
  /** of acknowledgements */
  submissions = 0;
  /** what is reserved is locked as soon as it is submitted */
  lockAtOnce = true;
  /** thrown by `submit` while set */
  refusal: Error | undefined;
  epoch = 3;
  epochEnd = Number.MAX_SAFE_INTEGER;
  readonly reservations = new Map<string, ReservationView>();
  readonly delegates = new Map<string, DelegateView>();
  #blocks = 0;
  readonly #lanes = new Map<string, Lane>();
  readonly #receipts = new Map<string, { height: number; status: number; ackStatus: number[] }>();
  readonly #blockHandlers = new Set<(block: CertifiedBlock) => void>();
  readonly #epochHandlers = new Set<(closed: number) => void>();

  addAccount(address: Uint8Array, balance: bigint): void {
    const rest = { reserved: 0n, depositsSeen: balance, nonce: 0, payoutStable: 0n, payoutFlk: 0n };
    this.accounts.set(toHex(address), { balance, ...rest });
  }

  addSession(account: Uint8Array, key: Uint8Array, limit: bigint, expiryEpoch = 1_000): SessionView {
    const spending = { spent: 0n, spentPrevious: 0n, reserved: 0n, reservedPrevious: 0n };
    const view = { account, key, expiryEpoch, revoked: false, limit, ...spending };
    this.sessions.set(toHex(account) + toHex(key), view);
    return view;
  }

  addNode(nodeId: number, networkKey: Uint8Array, endpoints: string): void {
    const keys = { owner: new Uint8Array(20).fill(nodeId), consensusKey: new Uint8Array(48), keyVersion: 0 };
    const rest = {
      stake: 10n,
      thawing: 0n,
      optedIn: true,
      reputation: 50,
      nonce: 0,
      sequence: 0,
      revenue: 0n,
    };
    this.nodeViews.set(nodeId, { nodeId, ...keys, networkKey, endpoints, ...rest });
  }

  /** Executes what was submitted. */
  commit(): void {
    this.#execute(this.waiting.splice(0));
  }

  #execute(transactions: Uint8Array[]): void {
    this.#blocks += 1;
    for (const bytes of transactions) {
      const { kind, payload } = decode(SignedTransaction, bytes);
      const tx = parsePayload(kind, payload);
      const delegations = "delegations" in tx.body ? tx.body.delegations : [];
      const statuses =
        tx.kind === TX.submitAcks ? tx.body.acks.map(({ ack }) => this.#pay(ack, delegations)) : [];
      const code = tx.kind === TX.reserve ? this.#reserve(tx.body.signed.reserve, delegations) : "OK";
      this.#receipts.set(toHex(blake3(bytes)), {
        height: this.#blocks,
        status: receiptStatus(code),
        ackStatus: statuses,
      });
    }
    for (const handler of this.#blockHandlers) handler(CertifiedBlock.defaultValue());
  }

  /** Closes the epoch. */
  turn(): void {
    const closed = this.epoch;
    this.epoch += 1;
    for (const service of this.serviceViews) service.previousPrices = service.prices;
    for (const session of this.sessions.values()) {
      session.spentPrevious = session.spent;
      session.spent = 0n;
      session.reservedPrevious = session.reserved;
      session.reserved = 0n;
    }
    for (const [id, { epoch, account, amount, paid }] of this.reservations) {
      if (epoch >= this.epoch - 1) continue;
      this.reservations.delete(id);
      const view = this.accounts.get(toHex(account));
      if (view) view.reserved -= amount - paid;
    }
    for (const [id, lane] of this.#lanes) if (lane.epoch < this.epoch - 1) this.#lanes.delete(id);
    for (const handler of this.#epochHandlers) handler(closed);
  }

  /** The session that pays for `key`, and what the key itself spent when it is a delegated one. */
  #payer(signed: Key, delegations: SignedDelegation[]) {
    const { account, session: key, epoch } = signed;
    const own = this.session(account, key);
    if (own) return { session: own };
    const granted = delegations.find(({ delegation: { subkey } }) => toHex(subkey) === toHex(key));
    const session = granted && this.session(account, granted.delegation.session);
    if (!session) return undefined;
    const id = delegateKey(account, key, epoch);
    const delegate = this.delegates.get(id) ?? { session: session.key, spent: 0n, reserved: 0n };
    this.delegates.set(id, delegate);
    return { session, delegate, limit: granted.delegation.limit };
  }

  #pay(ack: Ack, delegations: SignedDelegation[]): number {
    const id = toHex(laneId(laneKeyOf(ack)));
    const payer = this.#payer(ack, delegations);
    const account = this.accounts.get(toHex(ack.account));
    if (ack.epoch !== this.epoch && ack.epoch !== this.epoch - 1) return ackStatus("ERR_ACK_EPOCH");
    if (!payer || !account) return ackStatus("ERR_ACK_UNKNOWN_SESSION");
    const { session, delegate } = payer;
    const paid = this.#lanes.get(id)?.units ?? 0n;
    if (ack.units <= paid) return ackStatus("ACK_NO_CHANGE");
    const service = this.serviceViews[0] as ServiceView;
    const current = ack.epoch === this.epoch;
    const price = (current ? service.prices : service.previousPrices)[ack.commodity] as bigint;
    const cost = (price * ack.units) / PRICE_UNITS - (price * paid) / PRICE_UNITS;
    const reservation = this.reservations.get(reservationKey(ack));
    const locked = reservation ? reservation.amount - reservation.paid : 0n;
    if (cost > locked + account.balance - account.reserved) return ackStatus("ACK_UNPAID_BALANCE");
    const fromLocked = minBigint(locked, cost);
    if (reservation) reservation.paid += fromLocked;
    account.reserved -= fromLocked;
    account.balance -= cost;
    if (delegate) {
      delegate.spent += cost;
      delegate.reserved -= fromLocked;
    }
    if (current) {
      session.spent += cost;
      session.reserved -= fromLocked;
    } else {
      session.spentPrevious += cost;
      session.reservedPrevious -= fromLocked;
    }
    this.#lanes.set(id, { epoch: ack.epoch, units: ack.units });
    return ackStatus("OK");
  }

  #reserve(reserve: Reserve, delegations: SignedDelegation[]): ReceiptCode {
    const payer = this.#payer(reserve, delegations);
    const account = this.accounts.get(toHex(reserve.account));
    if (!payer || !account) return "ERR_UNKNOWN_SESSION";
    const { session, delegate, limit = 0n } = payer;
    if (reserve.epoch !== this.epoch) return "ERR_RESERVE_EPOCH";
    const known = this.reservations.get(reservationKey(reserve));
    const by = reserve.amount - (known?.amount ?? 0n);
    if (by <= 0n) return "OK";
    if (by > session.limit - session.spent - session.reserved) return "ERR_RESERVE_LIMIT";
    if (delegate && by > limit - delegate.spent - delegate.reserved) return "ERR_RESERVE_LIMIT";
    if (by > account.balance - account.reserved) return "ERR_INSUFFICIENT_BALANCE";
    if (delegate) delegate.reserved += by;
    account.reserved += by;
    session.reserved += by;
    this.reservations.set(reservationKey(reserve), { ...reserve, paid: known?.paid ?? 0n });
    return "OK";
  }

  /** units paid in all lanes of the window */
  paidUnits(): bigint {
    return [...this.#lanes.values()].reduce((sum, lane) => sum + lane.units, 0n);
  }

  head(): HeadView {
    const root = new Uint8Array(32);
    const { epoch, epochEnd } = this;
    return { epoch, blocks: 1, height: 7, blockRoot: root, stateRoot: root, time: 0, epochEnd, l2Number: 0 };
  }
  committee = () => ({ epoch: this.epoch, members: [] });
  account = (address: Uint8Array) => this.accounts.get(toHex(address));
  session = (account: Uint8Array, key: Uint8Array) => this.sessions.get(toHex(account) + toHex(key));
  node = (nodeId: number) => this.nodeViews.get(nodeId);
  nodes = () => [...this.nodeViews.values()];
  service = (id: number) => this.serviceViews[id];
  services = () => this.serviceViews;
  standing = (): undefined => undefined;
  place = (): undefined => undefined;
  status = (): undefined => undefined;
  observed = (): number[] => [];
  lanePaid = (id: Uint8Array) => this.#lanes.get(toHex(id))?.units ?? 0n;
  reservation = (key: ReservationKey) => this.reservations.get(reservationKey(key));
  delegate = (account: Uint8Array, key: Uint8Array, epoch: number) =>
    this.delegates.get(delegateKey(account, key, epoch));
  parameter = () => undefined;
  report = async (epoch: number) => {
    if (epoch >= this.epoch) return undefined;
    return { ...EpochReport.defaultValue(), epoch, closeTime: Date.now() };
  };
  settlement = async () => undefined;
  block = async () => undefined;
  onBlock = (handler: (block: CertifiedBlock) => void) => {
    this.#blockHandlers.add(handler);
    return () => this.#blockHandlers.delete(handler);
  };
  onEpoch = (handler: (closed: number) => void) => {
    this.#epochHandlers.add(handler);
    return () => this.#epochHandlers.delete(handler);
  };

  submit = async (transaction: Uint8Array) => {
    if (this.refusal) throw this.refusal;
    const reserves = decode(SignedTransaction, transaction).kind === TX.reserve;
    if (!reserves) this.submissions += 1;
    if (reserves && this.lockAtOnce) this.#execute([transaction]);
    else if (!this.waiting.some((bytes) => toHex(bytes) === toHex(transaction)))
      this.waiting.push(transaction);
    return blake3(transaction);
  };
  receipt = async (txId: Uint8Array) => this.#receipts.get(toHex(txId));
}
