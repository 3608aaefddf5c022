import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { State } from "#node/transition/state.ts";
import { keyOf } from "#node/transition/values.ts";
import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import type { SignedAck } from "#protocol/types/ack.ts";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { Block, CHANGE } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { TX } from "#protocol/types/transactions.ts";
import { Disk } from "./support/disk.ts";
import { accountOf, sessionOf } from "./support/keys.ts";
import { assertReservations } from "./support/reservations.ts";
import { EPOCH_MS, World } from "./support/world.ts";

const ACCOUNTS = ["a", "b", "c"].map(accountOf);
const LIMIT = 3_000n;

type Step =
  | { do: "deposit"; account: number; amount: number }
  | { do: "transfer" | "withdraw" | "ask"; account: number; amount: number }
  | { do: "payee"; node: number; account: number }
  | { do: "authorize" | "revoke"; account: number }
  | { do: "acks"; node: number; acks: { account: number; lane: number; late: boolean; units: number }[] }
  | { do: "reserve"; account: number; node: number; amount: number }
  | { do: "again" }
  | { do: "price"; price: number }
  | { do: "close" };

const account = fc.nat(ACCOUNTS.length - 1);
const amount = fc.nat(4_000);
const acks = fc.record({
  do: fc.constant("acks" as const),
  node: fc.integer({ min: 1, max: 3 }),
  acks: fc.array(fc.record({ account, lane: fc.nat(1), late: fc.boolean(), units: fc.nat(2_500_000) }), {
    minLength: 1,
    maxLength: 6,
  }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: acks },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      account,
      node: fc.integer({ min: 1, max: 3 }),
      amount: fc.nat(2_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("deposit" as const), account, amount }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("transfer" as const, "withdraw" as const, "ask" as const),
      account,
      amount,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("payee" as const),
      node: fc.integer({ min: 1, max: 3 }),
      account,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("authorize" as const, "revoke" as const), account }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("again" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("price" as const), price: fc.nat(3_000_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("close" as const) }) },
);

/** Runs random steps and keeps its own books beside the state. */
class Model {
  readonly world = new World({ deposits: ACCOUNTS.map((owner) => [owner, 2_000n]) });
  readonly disk = new Disk();
  readonly events: L2Event[][] = [];
  deposits = ACCOUNTS.map(() => 2_000n);
  /** price of commodity 0 by epoch */
  prices = [1_000_000n];
  nextPrice = 1_000_000n;
  /** by lane: epoch of the lane, units paid, highest units signed */
  lanes = new Map<string, { id: Uint8Array; epoch: number; paid: bigint; signed: bigint }>();
  last: Uint8Array | undefined;

  constructor() {
    for (const owner of ACCOUNTS) this.send(this.world.authorize(owner, "s", { limit: LIMIT }));
  }

  apply(step: Step): void {
    const { state } = this.world;
    if (step.do === "deposit") this.deposit(step.account, BigInt(step.amount));
    else if (step.do === "ask") this.ask(step.account, BigInt(step.amount));
    else if (step.do === "payee") this.setPayee(step.node, step.account);
    else if (step.do === "acks") this.acknowledge(step.node, step.acks);
    else if (step.do === "reserve") this.reserve(step.account, step.node, BigInt(step.amount));
    else if (step.do === "again") this.send(this.last ?? new Uint8Array());
    else if (step.do === "price") this.setPrice(BigInt(step.price));
    else if (step.do === "close") this.close(state.epochEnd);
    else this.send(this.accountTransaction(step));
  }

  private setPrice(price: bigint): void {
    this.nextPrice = price;
    this.run({ events: [{ type: "priceSet", serviceId: 0, commodity: 0, price }] });
  }

  private close(time: number): void {
    this.run({ time });
    this.prices.push(this.nextPrice);
  }

  private accountTransaction(step: { do: string; account: number; amount?: number }): Uint8Array {
    const { world } = this;
    const owner = ACCOUNTS[step.account] as (typeof ACCOUNTS)[number];
    const to = (ACCOUNTS[(step.account + 1) % ACCOUNTS.length] as typeof owner).address;
    const nonce = world.state.account(owner.address)?.nonce ?? 0;
    const base = { account: owner.address, nonce };
    const value = BigInt(step.amount ?? 0);
    if (step.do === "transfer")
      return owner.sign(world.network, { kind: TX.transfer, body: { ...base, to, amount: value } });
    if (step.do === "withdraw")
      return owner.sign(world.network, { kind: TX.withdraw, body: { ...base, amount: value } });
    if (step.do === "authorize") return world.authorize(owner, `s${nonce}`, { limit: LIMIT });
    return owner.sign(world.network, {
      kind: TX.revokeSession,
      body: { ...base, key: sessionOf("s").publicKey },
    });
  }

  private deposit(index: number, amount: bigint): void {
    const owner = ACCOUNTS[index] as (typeof ACCOUNTS)[number];
    const total = (this.deposits[index] ?? 0n) + amount;
    this.deposits[index] = total;
    const event: L2Event = { type: "deposit", account: owner.address, amount, total };
    this.run({ events: [event, event] });
  }

  /** Asked for on the L2: what no reservation holds becomes payout, and nothing else moves. */
  private ask(index: number, amount: bigint): void {
    const { address } = ACCOUNTS[index] as (typeof ACCOUNTS)[number];
    const before = this.world.state.account(address);
    assert.ok(before);
    const withdrawing = this.world.state.accounts.get(keyOf(address))?.withdrawing ?? 0n;
    const wanted = minBigint(amount, maxBigint(before.balance - withdrawing, 0n));
    const taken = minBigint(wanted, before.balance - before.reserved);
    this.run({ events: [{ type: "withdrawRequested", account: address, amount }] });
    const after = this.world.state.account(address);
    assert.equal(after?.balance, before.balance - taken);
    assert.equal(after?.payoutStable, before.payoutStable + taken);
    const rest = this.world.state.accounts.get(keyOf(address))?.withdrawing;
    assert.equal(rest, withdrawing + wanted - taken);
  }

  private reserve(index: number, node: number, amount: bigint): void {
    const owner = ACCOUNTS[index] as (typeof ACCOUNTS)[number];
    this.send(this.world.reserve(owner, "s", { node, amount }));
  }

  private setPayee(nodeId: number, index: number): void {
    const { address: payee } = ACCOUNTS[index] as (typeof ACCOUNTS)[number];
    this.run({ events: [{ type: "payeeSet", nodeId, payee }] });
  }

  private acknowledge(node: number, wanted: Extract<Step, { do: "acks" }>["acks"]): void {
    const { epoch } = this.world.state;
    const signed = wanted.map(({ account: index, lane, late, units }) => {
      const fields = { node, lane, units: BigInt(units), epoch: late ? Math.max(0, epoch - 1) : epoch };
      return this.world.ack(ACCOUNTS[index] as (typeof ACCOUNTS)[number], "s", fields);
    });
    for (const entry of signed) this.sign(entry);
    this.send(this.world.submitAcks(node, signed));
  }

  private sign({ ack }: SignedAck): void {
    const id = laneId(laneKeyOf(ack));
    const lane = this.lanes.get(toHex(id)) ?? { id, epoch: ack.epoch, paid: 0n, signed: 0n };
    if (ack.units > lane.signed) lane.signed = ack.units;
    this.lanes.set(toHex(id), lane);
  }

  send(transaction: Uint8Array): void {
    this.last = transaction;
    this.run({ transactions: [transaction] });
  }

  run(options: { time?: number; transactions?: Uint8Array[]; events?: L2Event[] }): void {
    const { epoch } = this.world.state;
    const time = options.time ?? Math.min(this.world.state.time + 1, this.world.state.epochEnd - 1);
    const { block, closed } = this.world.block({ ...options, time });
    assert.deepEqual(decode(Block, Block.serialize(block)), block);
    if (closed) assert.deepEqual(decode(EpochReport, EpochReport.serialize(closed.report)), closed.report);
    this.events.push(options.events ?? []);
    this.disk.save(this.world.state);
    this.checkLanes(block, epoch);
    this.checkMoney();
  }

  /** What clients paid is exactly what the units newly recorded cost; no lane goes back or beyond what was signed. */
  private checkLanes(block: Block, epoch: number): void {
    let owed = 0n;
    for (const lane of this.lanes.values()) {
      if (lane.epoch < epoch - 1 || block.closes === 1) continue;
      const paid = this.world.state.lanePaid(lane.id);
      const price = this.prices[lane.epoch] ?? 0n;
      assert.ok(paid >= lane.paid && paid <= lane.signed);
      owed += (price * paid) / 10n ** 9n - (price * lane.paid) / 10n ** 9n;
      lane.paid = paid;
    }
    const changes = block.receipts.flatMap((receipt) => receipt.changes);
    const payments = changes.filter((change) => change.reason === CHANGE.ackPayment);
    assert.equal(
      payments.reduce((sum, change) => sum + change.delta, 0n),
      owed,
    );
  }

  private checkMoney(): void {
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
    }
    assertReservations(state);
    assert.deepEqual(state.root(), state.stateRoot);
  }
}

test("over random histories money is conserved at every block, lanes never pay twice, and limits hold", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
      const model = new Model();
      for (const one of steps) model.apply(one);
      const { world } = model;
      for (const { receipts } of world.blocks)
        for (const { ackStatus } of receipts) for (const s of ackStatus) seen.add(String(s));

      const loaded = State.load(world.network, model.disk.records());
      assert.deepEqual(loaded.root(), world.state.root());
      const original = world.state;
      world.state = State.genesis(world.network, world.genesis, world.events);
      world.blocks.forEach((block, i) => {
        assert.deepEqual(world.replay(block, model.events[i]), block);
      });
      assert.deepEqual(world.state.root(), original.root());
    }),
    { numRuns: 30, seed: 7 },
  );
  // paid, unchanged, short of balance, over the limit: each kind of outcome did occur
  for (const status of ["0", "1", "2", "3"]) assert.ok(seen.has(status), `no ack ended with ${status}`);
});

test("the same history cut into blocks differently ends with the same money", () => {
  const run = (size: number) => {
    const world = new World();
    const [owner] = ACCOUNTS;
    assert.ok(owner);
    world.block({ events: [{ type: "deposit", account: owner.address, amount: 5_000n, total: 5_000n }] });
    world.run(world.authorize(owner, "s"));
    const all = [900_000n, 100_000n, 2_000_000n, 2_000_000n, 9_000_000n].map((units) =>
      world.submitAcks(1, [world.ack(owner, "s", { units })]),
    );
    for (let at = 0; at < all.length; at += size) {
      const { block } = world.block({ transactions: all.slice(at, at + size) });
      for (const receipt of block.receipts) assert.equal(RECEIPT_CODES[receipt.status], "OK");
    }
    return [world.balance(owner), world.close({ time: world.genesis.startTime + EPOCH_MS }).report.payouts];
  };
  assert.deepEqual(run(1), run(2));
  assert.deepEqual(run(1), run(5));
});
