import assert from "node:assert/strict";
import { State } from "#node/transition/state.ts";
import { keyOf } from "#node/transition/values.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { ACK_CODES } from "#protocol/errors/codes.ts";
import type { Ack, SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { ackPayments } from "#protocol/types/ack-payments.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { Block, CHANGE, type Receipt } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { TX } from "#protocol/types/transactions.ts";
import { Disk } from "./disk.ts";
import { type Account, seedOf, sessionOf } from "./keys.ts";
import type { LotClosed, Outside } from "./outside.ts";
import { affordable, LIMIT, PAGE, PAGE_LIMIT, type Payment, Purses, SESSION, UNITS } from "./purses.ts";
import { assertReservations } from "./reservations.ts";
import { ACCOUNTS, type AckStep, type Step } from "./steps.ts";
import { FLK, World, type WorldOptions } from "./world.ts";

const PRICE = 1_000_000n;
const FIRST_DEPOSIT = 2_000n;

interface Lane {
  id: Uint8Array;
  epoch: number;
  price: bigint;
  paid: bigint;
  /** highest units that the client signed */
  signed: bigint;
}

function who(index: number): Account {
  return ACCOUNTS[index] ?? assert.fail();
}

/** Runs the steps of a history and keeps its own books beside the state. */
export class Model {
  readonly world: World;
  readonly disk = new Disk();
  readonly events: L2Event[][] = [];
  /** codes of acknowledgements that occurred */
  readonly seen = new Set<string>();
  readonly deposits: bigint[] = ACCOUNTS.map(() => FIRST_DEPOSIT);
  readonly #outside: Outside;
  /** by service: price of commodity 0 by epoch, and the next */
  readonly #prices = [[PRICE], [PRICE]];
  readonly #nextPrices = [PRICE, PRICE];
  readonly #lanes = new Map<string, Lane>();
  readonly lots: LotClosed[] = [];
  #last: Uint8Array = new Uint8Array();

  constructor(outside: Outside, options: WorldOptions = {}) {
    this.#outside = outside;
    this.world = new World({
      ...options,
      deposits: ACCOUNTS.map((owner) => [owner, FIRST_DEPOSIT]),
      services: 2,
      prices: [PRICE],
      auction: outside.auction,
    });
  }

  async begin(): Promise<void> {
    for (const owner of ACCOUNTS) await this.#outside.deposit(owner.address, FIRST_DEPOSIT);
    for (const owner of ACCOUNTS) await this.#send(this.world.authorize(owner, "s", { limit: LIMIT }));
  }

  async apply(step: Step): Promise<unknown> {
    switch (step.do) {
      case "deposit":
        return this.#deposit(step.account, BigInt(step.amount));
      case "ask":
        return this.#ask(step.account, BigInt(step.amount));
      case "acks":
        return this.#acknowledge(step.node, step.acks);
      case "reserve":
        return this.#reserve(step);
      case "again":
        return this.#send(this.#last);
      case "price":
        this.#nextPrices[step.service] = BigInt(step.price);
        return this.#event({
          type: "priceSet",
          serviceId: step.service,
          commodity: 0,
          price: BigInt(step.price),
        });
      case "payee":
        return this.#event({ type: "payeeSet", nodeId: step.node, payee: who(step.account).address });
      case "stake":
        return this.#event({
          type: "stakeChanged",
          nodeId: step.node,
          staked: BigInt(step.flk) * FLK,
          thawing: 0n,
        });
      case "lock":
        return this.#event({
          type: "stakeLocked",
          nodeId: step.node,
          lockedUntil: BigInt(Math.floor(this.world.state.time / 1000) + step.seconds),
        });
      case "restart":
        this.world.state = State.load(this.world.network, this.disk.records());
        return;
      case "sell":
        return this.#sell(step.share);
      case "close":
        return this.close();
      default:
        return this.#send(this.#accountTransaction(step));
    }
  }

  async close(): Promise<void> {
    await this.#run({ time: this.world.state.epochEnd });
  }

  async #sell(share: number): Promise<void> {
    const lot = await this.#outside.sell({ share });
    if (!lot) return;
    this.lots.push(lot);
    await this.#event(lot);
  }

  #accountTransaction(step: { do: string; account: number; amount?: number }): Uint8Array {
    const { world } = this;
    const owner = who(step.account);
    const to = who((step.account + 1) % ACCOUNTS.length).address;
    const nonce = world.state.account(owner.address)?.nonce ?? 0;
    const base = { account: owner.address, nonce };
    const value = BigInt(step.amount ?? 0);
    if (step.do === "transfer")
      return owner.sign(world.network, { kind: TX.transfer, body: { ...base, to, amount: value } });
    if (step.do === "withdraw")
      return owner.sign(world.network, { kind: TX.withdraw, body: { ...base, amount: value } });
    if (step.do === "authorize") return world.authorize(owner, `s${nonce}`, { limit: LIMIT });
    const body = { ...base, key: sessionOf("s").publicKey };
    return owner.sign(world.network, { kind: TX.revokeSession, body });
  }

  async #deposit(index: number, amount: bigint): Promise<void> {
    if (amount === 0n) return;
    const total = (this.deposits[index] ?? 0n) + amount;
    this.deposits[index] = total;
    await this.#outside.deposit(who(index).address, amount);
    const event: L2Event = { type: "deposit", account: who(index).address, amount, total };
    await this.#run({ events: [event, event] });
  }

  /** Asked for on the L2: what no reservation holds becomes payout, and nothing else moves. */
  async #ask(index: number, amount: bigint): Promise<void> {
    const { address } = who(index);
    const before = this.world.state.account(address) ?? assert.fail();
    const waiting = () => this.world.state.accounts.get(keyOf(address))?.withdrawing ?? 0n;
    const asked = waiting();
    const wanted = minBigint(amount, maxBigint(before.balance - asked, 0n));
    const taken = minBigint(wanted, before.balance - before.reserved);
    await this.#event({ type: "withdrawRequested", account: address, amount });
    const after = this.world.state.account(address);
    assert.equal(after?.balance, before.balance - taken);
    assert.equal(after?.payoutStable, before.payoutStable + taken);
    assert.equal(waiting(), asked + wanted - taken);
  }

  #reserve({ account, page, node, amount }: Extract<Step, { do: "reserve" }>): Promise<Receipt[]> {
    const owner = who(account);
    const fields = { node, amount: BigInt(amount) };
    const delegations = page ? [this.#delegationOf(owner)] : [];
    return this.#send(this.world.reserve(owner, page ? PAGE : SESSION, fields, { delegations }));
  }

  #delegationOf(owner: Account): SignedDelegation {
    return this.world.delegate(owner, SESSION, PAGE, { limit: PAGE_LIMIT });
  }

  async #acknowledge(node: number, wanted: AckStep[]): Promise<void> {
    const { world } = this;
    const signed = wanted.map(({ account, page, age, units, log, ...fields }) => {
      const epoch = Math.max(0, world.state.epoch - age);
      const rest = { ...fields, node, epoch, units: BigInt(units), log: seedOf(log) };
      return world.ack(who(account), page ? PAGE : SESSION, rest);
    });
    for (const { ack } of signed) this.#laneOf(ack);
    const delegations = ACCOUNTS.map((owner) => this.#delegationOf(owner));
    const submitted = world.submitAcks(node, signed, undefined, delegations);
    const expected = this.#expect(node, signed);
    const [receipt] = await this.#send(submitted);
    if (expected) this.#assertPaid(receipt ?? assert.fail(), signed, expected);
  }

  #laneOf(ack: Ack): Lane {
    const id = laneId(laneKeyOf(ack));
    const price = this.#prices[ack.service]?.[ack.epoch] ?? assert.fail();
    const lane = this.#lanes.get(toHex(id)) ?? { id, epoch: ack.epoch, price, paid: 0n, signed: 0n };
    if (ack.units > lane.signed) lane.signed = ack.units;
    this.#lanes.set(toHex(id), lane);
    return lane;
  }

  /**
   * micro-USD that each acknowledgement must pay, by the words of the rules: all that was not paid, or the most whose next
   * unit the money at hand does not reach. Undefined when the node is not staked.
   */
  #expect(nodeId: number, signed: SignedAck[]): Payment[] | undefined {
    const { state } = this.world;
    const node = state.node(nodeId);
    if (!node || node.stake < 1000n * FLK) return undefined;
    const purses = new Purses(state);
    const units = new Map<string, bigint>();
    return signed.map(({ ack }) => {
      const lane = this.#laneOf(ack);
      const before = units.get(toHex(lane.id)) ?? lane.paid;
      const session = state.session(ack.account, sessionOf(SESSION).publicKey);
      const old = ack.epoch < state.epoch - 1;
      if (old || ack.units <= before || !session || ack.epoch > session.expiryEpoch)
        return { paid: 0n, units: before };
      const reached = affordable(lane.price, before, ack.units, purses.money(ack));
      if (reached.paid === 0n) return { paid: 0n, units: before };
      purses.spend(ack, reached.paid);
      units.set(toHex(lane.id), reached.units);
      return reached;
    });
  }

  #assertPaid(receipt: Receipt, signed: SignedAck[], expected: Payment[]): void {
    const acks = signed.map(({ ack }) => ack);
    assert.deepEqual(
      ackPayments(acks, receipt)?.map((payment) => payment?.delta ?? 0n),
      expected.map(({ paid }) => paid),
    );
    const { state } = this.world;
    for (const [i, { ack }] of signed.entries()) {
      const lane = toHex(this.#laneOf(ack).id);
      const isLast = signed.findLastIndex((other) => toHex(this.#laneOf(other.ack).id) === lane) === i;
      if (isLast && ack.epoch >= state.epoch - 1)
        assert.equal(state.lanePaid(this.#laneOf(ack).id), expected[i]?.units);
    }
  }

  async #event(event: L2Event): Promise<void> {
    await this.#run({ events: [event] });
  }

  async #send(transaction: Uint8Array): Promise<Receipt[]> {
    this.#last = transaction;
    return this.#run({ transactions: [transaction] });
  }

  async #run(options: {
    time?: number;
    transactions?: Uint8Array[];
    events?: L2Event[];
  }): Promise<Receipt[]> {
    const { epoch } = this.world.state;
    const time = options.time ?? Math.min(this.world.state.time + 1, this.world.state.epochEnd - 1);
    const { block, closed } = this.world.block({ ...options, time });
    assert.deepEqual(decode(Block, Block.serialize(block)), block);
    this.events.push(options.events ?? []);
    this.disk.save(this.world.state);
    for (const { ackStatus } of block.receipts)
      for (const status of ackStatus) this.seen.add(ACK_CODES[status] ?? "?");
    this.#checkLanes(block, epoch);
    this.#checkMoney();
    if (closed) {
      assert.deepEqual(decode(EpochReport, EpochReport.serialize(closed.report)), closed.report);
      this.#checkGrants(closed.report);
      for (const [service, prices] of this.#prices.entries()) prices.push(this.#nextPrices[service] ?? 0n);
      await this.#outside.settle(closed);
    }
    return block.receipts;
  }

  /** What clients paid is exactly what the units newly recorded cost; no lane goes back or beyond what was signed. */
  #checkLanes(block: Block, epoch: number): void {
    let owed = 0n;
    for (const lane of this.#lanes.values()) {
      if (lane.epoch < epoch - 1 || block.closes === 1) continue;
      const paid = this.world.state.lanePaid(lane.id);
      assert.ok(paid >= lane.paid && paid <= lane.signed);
      owed += (lane.price * paid) / UNITS - (lane.price * lane.paid) / UNITS;
      lane.paid = paid;
    }
    const changes = block.receipts.flatMap((receipt) => receipt.changes);
    const payments = changes.filter((change) => change.reason === CHANGE.ackPayment);
    assert.equal(
      payments.reduce((sum, change) => sum + change.delta, 0n),
      owed,
    );
  }

  #checkMoney(): void {
    const { state } = this.world;
    const records = [...state.accounts.values()];
    const balances = records.reduce((sum, record) => sum + record.balance, 0n);
    const payouts = records.reduce((sum, record) => sum + record.payoutStable, 0n);
    const flk = records.reduce((sum, record) => sum + record.payoutFlk, 0n);
    const unsettled = [...state.work.values()].reduce((sum, work) => sum + work.revenue, 0n);
    const deposited = this.deposits.reduce((sum, total) => sum + total, 0n);
    assert.equal(balances + payouts + unsettled, deposited);
    const { totalBalances, totalPayoutStable, totalPayoutFlk, totalDeposits } = state.meta.value;
    assert.deepEqual(
      [totalBalances, totalPayoutStable, totalPayoutFlk, totalDeposits],
      [balances, payouts, flk, deposited],
    );
    for (const owner of ACCOUNTS) {
      const session = state.session(owner.address, sessionOf("s").publicKey);
      assert.ok(!session || (session.spent <= LIMIT && session.spentPrevious <= LIMIT));
      for (const epoch of [state.epoch, state.epoch - 1]) {
        const page = state.delegate(owner.address, sessionOf(PAGE).publicKey, epoch);
        assert.ok(!page || page.spent + page.reserved <= PAGE_LIMIT);
        if (page && page.spent > 0n) this.seen.add("paid for a delegated key");
      }
    }
    assertReservations(state);
    assert.deepEqual(state.root(), state.stateRoot);
  }

  /** FLK that was ever granted: per epoch at most its schedule, per lot at most half of what it counts, and in reports what is owed. */
  #checkGrants({ epoch }: EpochReport): void {
    const reports = this.world.closed.map(({ report }) => report);
    const granted = reports.flatMap(({ grants }) => grants);
    assert.equal(new Set(granted.map((grant) => grant.epoch)).size, granted.length);
    for (const grant of granted) assert.ok(grant.flk <= (reports[grant.epoch]?.flkScheduled ?? 0n));
    for (const { fromEpoch, toEpoch, counted } of this.lots) {
      const ofLot = granted.filter((grant) => grant.epoch >= fromEpoch && grant.epoch <= toEpoch);
      assert.ok(2n * ofLot.reduce((sum, { flk }) => sum + flk, 0n) <= counted);
    }
    const sum = granted.reduce((total, { flk }) => total + flk, 0n);
    assert.equal(this.world.state.meta.value.totalPayoutFlk, sum);
    const report = reports[epoch] ?? assert.fail();
    const paid = report.nodes.reduce((total, { rewardFlk }) => total + rewardFlk, 0n);
    assert.deepEqual(
      [paid, report.flkMinted],
      [report.flkMinted, report.grants.reduce((t, { flk }) => t + flk, 0n)],
    );
  }

  /** The state from disk, and from executing everything again, is the same. */
  checkReplay(): void {
    const { world } = this;
    const root = world.state.root();
    assert.deepEqual(State.load(world.network, this.disk.records()).root(), root);
    world.state = State.genesis(world.network, world.genesis, world.events);
    for (const [i, block] of world.blocks.entries())
      assert.deepEqual(world.replay(block, this.events[i]), block);
    assert.deepEqual(world.state.root(), root);
  }
}
