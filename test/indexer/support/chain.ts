import { type Hex, stringToHex } from "viem";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  genesisDigest,
  reportHash,
  settlementDigest,
  toL2Committee,
} from "#protocol/digests/settlement.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { type BalanceChange, type Block, type CertifiedBlock, CHANGE } from "#protocol/types/block.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type {
  EpochReport,
  PayoutEntry,
  Settlement,
  SettlementCertificate,
} from "#protocol/types/settlement.ts";
import { TX } from "#protocol/types/transactions.ts";
import { certify, committeeFrom, membersOf, NODES, network, sign, signerOf } from "./committee.ts";
import type { FakeL2 } from "./fake-l2.ts";
import { standingOf } from "./standing.ts";
import {
  accountTransaction,
  ackTransaction,
  type TestTransaction,
  UNITS_PER_MICRO_USD,
} from "./transactions.ts";

export * from "./committee.ts";

const START_TIME = 1_700_000_000_000;
export const EPOCH_MS = 30_000;
export const CLIENT: Hex = `0x${"c1".repeat(20)}`;
export const OTHER: Hex = `0x${"c2".repeat(20)}`;
export const TREASURY: Hex = `0x${"d1".repeat(20)}`;
export const BUYBACK: Hex = `0x${"d2".repeat(20)}`;
export const operatorOf = (node: number): Hex => `0x${(0xe0 + node).toString(16).repeat(20)}`;
const FLK = 10n ** 18n;

interface Open {
  /** acknowledged, by account */
  units: Map<Hex, bigint>;
  opening: Uint8Array;
  previous: Uint8Array;
  index: number;
  blocks: number;
  transactions: number;
  revenue: bigint;
  openTime: number;
}

/** Makes a small protocol chain with real signatures, and tells the L2 what it settles. */
export class TestChain {
  readonly blocks: CertifiedBlock[] = [];
  readonly reports: EpochReport[] = [];
  /** of node 2, in reports to come, that no block tells of */
  unpaid: EpochReport["nodes"][number]["work"] = [];
  /** of node 0, in reports to come; the others follow it */
  reputation = 50;
  readonly certificates: SettlementCertificate[] = [];
  readonly balances = new Map<Hex, { balance: bigint; depositsSeen: bigint }>();
  readonly payouts = new Map<Hex, { stable: bigint; flk: bigint }>();
  readonly l2: FakeL2;
  #deposits = new Map<Hex, bigint>();
  #open: Open;
  epoch = 0;
  time = START_TIME;

  constructor(l2: FakeL2) {
    this.l2 = l2;
    this.#register();
    this.deposit(CLIENT, 5_000_000n);
    const committee = committeeFrom(0, membersOf(0));
    const l2Number = l2.head + 1;
    const digest = genesisDigest(network.networkId, committeeHash(committee), START_TIME, l2Number);
    l2.emit("settlement", "Started", {
      committee: toL2Committee(committee),
      committeeHash: toHex(committeeHash(committee)),
      startTime: BigInt(START_TIME),
      l2Number: BigInt(l2Number),
      genesisDigest: toHex(digest),
      flkSupply: 10n ** 27n,
    });
    for (const [account, total] of this.#deposits)
      this.balances.set(account, { balance: total, depositsSeen: total });
    this.#open = this.#opening(digest);
  }

  #opening(opening: Uint8Array): Open {
    return {
      units: new Map(),
      opening,
      previous: opening,
      index: 0,
      blocks: 0,
      transactions: 0,
      revenue: 0n,
      openTime: this.time,
    };
  }

  #register(): void {
    const parameter = (name: string, value: bigint) =>
      this.l2.emit("parameters", "ParameterSet", { key: stringToHex(name, { size: 32 }), value });
    parameter("treasury", BigInt(TREASURY));
    parameter("buyback", BigInt(BUYBACK));
    for (const node of NODES) {
      this.l2.emit("staking", "NodeRegistered", {
        nodeId: node,
        owner: operatorOf(node),
        keyVersion: 0,
        key: toHex(g1ToEip2537(signerOf(node).publicKey)),
        networkKey: toHex(new Uint8Array(32).fill(node)),
        endpoints: `/ip4/127.0.0.1/tcp/${4200 + 100 * node},http://127.0.0.1:${4220 + 100 * node}`,
      });
      this.l2.emit("staking", "StakeChanged", {
        nodeId: node,
        staked: BigInt(1000 * node) * FLK,
        thawing: 0n,
      });
    }
    this.l2.emit("services", "ServiceRegistered", {
      serviceId: 0,
      owner: operatorOf(1),
      metadataUri: "ipfs://cdn",
    });
    this.l2.emit("services", "PriceSet", { serviceId: 0, commodity: 0, price: 20_000n });
  }

  /** A deposit on the L2; the chain sees it by `seen`. */
  deposit(account: Hex, amount: bigint): void {
    const total = (this.#deposits.get(account) ?? 0n) + amount;
    this.#deposits.set(account, total);
    this.l2.emit("vault", "Deposited", { account, from: account, amount, total });
  }

  /** The change of a deposit that the L2 view has reached. */
  seen(account: Hex): BalanceChange {
    const before = this.#balance(account);
    const delta = (this.#deposits.get(account) ?? 0n) - before.depositsSeen;
    this.balances.set(account, {
      balance: before.balance + delta,
      depositsSeen: before.depositsSeen + delta,
    });
    return { account: fromHex(account), reason: CHANGE.deposit, delta, balance: before.balance + delta };
  }

  /** The change of an acknowledgement that is paid. */
  pay(account: Hex, delta: bigint): BalanceChange {
    const before = this.#balance(account);
    this.balances.set(account, { ...before, balance: before.balance - delta });
    this.#open.revenue += delta;
    return { account: fromHex(account), reason: CHANGE.ackPayment, delta, balance: before.balance - delta };
  }

  #balance = (account: Hex) => this.balances.get(account) ?? { balance: 0n, depositsSeen: 0n };

  /** What moves balance to another, in one transaction. */
  transfer(account: Hex, to: Hex, amount: bigint): TestTransaction {
    const [from, into] = [this.#balance(account), this.#balance(to)];
    this.balances.set(account, { ...from, balance: from.balance - amount });
    this.balances.set(to, { ...into, balance: into.balance + amount });
    const [raw, into20] = [fromHex(account), fromHex(to)];
    const out = { account: raw, reason: CHANGE.transferOut, delta: amount, balance: from.balance - amount };
    const gain = {
      account: into20,
      reason: CHANGE.transferIn,
      delta: amount,
      balance: into.balance + amount,
    };
    const body = { account: raw, nonce: 0, to: into20, amount };
    return accountTransaction({ kind: TX.transfer, body }, [out, gain]);
  }

  /** The change that makes payout of balance. */
  withdrawn(account: Hex, delta: bigint): BalanceChange {
    const before = this.#balance(account);
    this.balances.set(account, { ...before, balance: before.balance - delta });
    this.#owe(account, delta, 0n);
    return { account: fromHex(account), reason: CHANGE.withdraw, delta, balance: before.balance - delta };
  }

  /** A transaction that acknowledges what the change pays, to node 2. */
  #acknowledge(change: BalanceChange): TestTransaction {
    const account = toHex(change.account);
    const units = (this.#open.units.get(account) ?? 0n) + change.delta * UNITS_PER_MICRO_USD;
    this.#open.units.set(account, units);
    return ackTransaction(this.epoch, change, units);
  }

  block(
    options: {
      l2Changes?: BalanceChange[];
      changes?: BalanceChange[];
      transactions?: TestTransaction[];
      closes?: boolean;
    } = {},
  ): CertifiedBlock {
    const open = this.#open;
    this.time += options.closes ? EPOCH_MS : 100;
    const transactions = [
      ...(options.changes ?? []).map((change) => this.#acknowledge(change)),
      ...(options.transactions ?? []),
    ];
    const block: Block = {
      input: {
        epoch: this.epoch,
        index: open.index,
        anchorRound: 2 * open.index + 2,
        anchorAuthor: 1,
        anchor: new Uint8Array(32).fill(open.index + 1),
        time: this.time,
        beacon: new Uint8Array(96),
        reports: [],
        transactions: transactions.map(({ bytes }) => bytes),
      },
      previous: open.previous,
      time: this.time,
      l2View: { number: this.l2.finalized, hash: fromHex(this.l2.hash(this.l2.finalized)) },
      l2Changes: options.l2Changes ?? [],
      receipts: transactions.map(({ bytes, ...receipt }) => ({ txId: transactionId(bytes), ...receipt })),
      stateRoot: new Uint8Array(32).fill(0x50 + (this.blocks.length % 64)),
      closes: options.closes ? 1 : 0,
    };
    const certified = certify(block, membersOf(this.epoch).slice(1), membersOf(this.epoch));
    open.previous = certified.certificate.data.blockRoot;
    open.index++;
    open.blocks++;
    open.transactions += transactions.length;
    this.blocks.push(certified);
    return certified;
  }

  /** Closes the epoch with a last block; `post` (default) settles it on the L2, and makes it active when that is final. */
  close(options: { post?: boolean; final?: boolean; activate?: boolean } = {}): void {
    this.block({ closes: true });
    const report = this.#report();
    const settlement = this.#settlement(report);
    const digest = settlementDigest(settlement);
    const members = membersOf(this.epoch);
    const certificate: SettlementCertificate = {
      settlement,
      committee: committeeFrom(this.epoch, members),
      nextCommittee: committeeFrom(this.epoch + 1, membersOf(this.epoch + 1)),
      ...sign(settlementMessage(network.networkId, this.epoch, digest), members.slice(1), members),
    };
    this.reports.push(report);
    this.certificates.push(certificate);
    const { post = true, final = true, activate = final } = options;
    if (post) this.post(this.epoch, final);
    if (post && activate) this.activate(this.epoch);
    this.epoch++;
    this.#open = this.#opening(digest);
  }

  /** Settles on the L2, `altered` as the test wants it. */
  post(epoch: number, final = true, altered: Partial<Settlement> = {}): void {
    const settlement = { ...(this.certificates[epoch] as SettlementCertificate).settlement, ...altered };
    this.l2.emit(
      "settlement",
      "Settled",
      {
        epoch: BigInt(epoch),
        digest: toHex(settlementDigest(settlement)),
        settlement: {
          ...settlement,
          epoch: BigInt(settlement.epoch),
          closeTime: BigInt(settlement.closeTime),
          l2Number: BigInt(settlement.l2Number),
          previous: toHex(settlement.previous),
          l2Hash: toHex(settlement.l2Hash),
          stateRoot: toHex(settlement.stateRoot),
          payoutRoot: toHex(settlement.payoutRoot),
          balanceRoot: toHex(settlement.balanceRoot),
          reportHash: toHex(settlement.reportHash),
          slashListHash: toHex(settlement.slashListHash),
          nextCommitteeHash: toHex(settlement.nextCommitteeHash),
        },
        activatesAt: BigInt(Math.floor(this.time / 1000)),
      },
      final,
    );
  }

  /** Of a closed epoch. */
  digest(epoch: number): Hex {
    const { settlement } = this.certificates[epoch] as SettlementCertificate;
    return toHex(settlementDigest(settlement));
  }

  /** Makes a settlement active on the L2. */
  activate(epoch: number): void {
    this.l2.emit("settlement", "Activated", {
      epoch: BigInt(epoch),
      digest: this.digest(epoch),
      flkMinted: this.reports[epoch]?.flkMinted,
    });
  }

  /** Everything an account has, paid on the L2. */
  claim(
    account: Hex,
    before: { stable: bigint; flk: bigint } = { stable: 0n, flk: 0n },
    payee = account,
  ): void {
    const { stable, flk } = this.payouts.get(account) ?? { stable: 0n, flk: 0n };
    this.l2.emit("settlement", "Claimed", {
      account,
      payee,
      stablePaid: stable - before.stable,
      flkPaid: flk - before.flk,
      cumulativeStable: stable,
      cumulativeFlk: flk,
    });
  }

  /** Node 2 did all the work: 70 % to its operator, 10 % each to service owner, treasury and buyback. */
  #report(): EpochReport {
    const { revenue, blocks, transactions, openTime } = this.#open;
    const lanes = this.#open.units.size;
    const tenth = revenue / 10n;
    const flk = revenue * 10n ** 11n;
    this.#owe(operatorOf(2), revenue - 3n * tenth, flk);
    for (const payee of [operatorOf(1), TREASURY, BUYBACK]) this.#owe(payee, tenth, 0n);
    const units = revenue * UNITS_PER_MICRO_USD;
    const work = { service: 0, commodity: 0, units, deliveries: lanes, lanes, revenue };
    return {
      epoch: this.epoch,
      openTime,
      closeTime: this.time,
      blocks,
      transactions,
      lanes,
      deliveries: lanes,
      units: units + this.unpaid.reduce((sum, more) => sum + more.units, 0n),
      revenue,
      treasury: tenth,
      buyback: tenth,
      flkScheduled: 3n * flk,
      flkMinted: flk,
      committee: membersOf(this.epoch),
      nextCommittee: membersOf(this.epoch + 1),
      nodes: NODES.map((node) => ({
        node,
        owner: fromHex(operatorOf(node)),
        stake: BigInt(1000 * node) * FLK,
        ...{ optedIn: 1, reputation: this.reputation + node, standing: standingOf(node) },
        work: node === 2 && revenue > 0n ? [work, ...this.unpaid] : [],
        revenue: node === 2 ? revenue : 0n,
        rewardStable: node === 2 ? revenue - 3n * tenth : 0n,
        buyback: node === 2 ? tenth : 0n,
        scheduledFlk: node === 2 ? 2n * flk : 0n,
        rewardFlk: node === 2 ? flk : 0n,
      })),
      // the lot of each epoch closes in the next
      grants: this.epoch === 0 ? [] : [{ epoch: this.epoch - 1, lotBuyback: 350n, lotBurn: 4n * flk, flk }],
      services: [{ service: 0, owner: fromHex(operatorOf(1)), revenue, rewardStable: tenth }],
      payouts: sorted(this.payouts).map(
        ([account, amounts]): PayoutEntry => ({ account: fromHex(account), ...amounts }),
      ),
      balances: sorted(this.balances).map(([account, amounts]) => ({
        account: fromHex(account),
        ...amounts,
      })),
    };
  }

  #owe(account: Hex, stable: bigint, flk: bigint): void {
    const before = this.payouts.get(account) ?? { stable: 0n, flk: 0n };
    this.payouts.set(account, { stable: before.stable + stable, flk: before.flk + flk });
  }

  #settlement(report: EpochReport): Settlement {
    const block = (this.blocks.at(-1) as CertifiedBlock).block;
    return {
      epoch: this.epoch,
      previous: this.#open.opening,
      closeTime: report.closeTime,
      l2Number: block.l2View.number,
      l2Hash: block.l2View.hash,
      stateRoot: block.stateRoot,
      payoutRoot: payoutRoot(report.payouts),
      balanceRoot: balanceRoot(report.balances),
      reportHash: reportHash(report),
      totalBalances: report.balances.reduce((sum, entry) => sum + entry.balance, 0n),
      totalPayoutStable: report.payouts.reduce((sum, entry) => sum + entry.stable, 0n),
      totalPayoutFlk: report.payouts.reduce((sum, entry) => sum + entry.flk, 0n),
      slashListHash: EMPTY_SLASH_LIST,
      nextCommitteeHash: committeeHash(committeeFrom(this.epoch + 1, membersOf(this.epoch + 1))),
    };
  }
}

function sorted<T>(map: Map<Hex, T>): [Hex, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}
