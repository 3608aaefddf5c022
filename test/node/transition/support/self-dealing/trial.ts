import assert from "node:assert/strict";
import { debit } from "#node/transition/accounts.ts";
import { processL2Event } from "#node/transition/block/process-l2-event.ts";
import { closeEpoch } from "#node/transition/epoch/close-epoch.ts";
import { State, workKey } from "#node/transition/state.ts";
import type { ParameterKey } from "#protocol/params/keys.ts";
import { CHANGE } from "#protocol/types/block.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { type Account, accountOf } from "../keys.ts";
import { buyback, FLK, START, World } from "../world.ts";
import { EPOCHS, MAX_LOCK, MAX_NODES, type Strategy } from "./strategy.ts";

const BPS = 10_000n;
const MONEY = 10n ** 13n;
const coalition = accountOf("coalition");
const washer = accountOf("washer");
const publicClient = accountOf("public client");
/** nodes 1 and 2 are others', the rest are the coalition's */
const OTHERS = 2;
/** More wei than there will ever be. */
const UNCAPPED = 1n << 120n;

/** What one lot and its epochs brought the coalition, and the FLK price (micro-USD) at which the lot was sold. */
interface LotResult {
  /** micro-USD */
  stable: bigint;
  /** wei, granted less burned */
  flk: bigint;
  price: bigint;
}

/**
 * Runs a strategy through the code that pays rewards: split, schedule, lots, grants and payouts of the production transition.
 * Only what happens on the L2 is played here: an auction that others buy from at the market's price.
 * `capped` false: every lot says that it burned more FLK than there is, so that only the schedule binds.
 */
export function runTrial(strategy: Strategy, capped: boolean): LotResult[] {
  return new Trial(strategy, capped).run();
}

class Trial {
  readonly #strategy: Strategy;
  readonly #capped: boolean;
  readonly #state: State;
  readonly #results: LotResult[] = [];
  /** of the running lot */
  #fromEpoch = 0;
  #donated = 0n;
  #rolled = 0n;
  #auctionPaid = 0n;
  /** of the coalition: what it has spent, and payouts seen */
  #spent = 0n;
  #seen = { stable: 0n, flk: 0n };

  constructor(strategy: Strategy, capped: boolean) {
    this.#strategy = strategy;
    this.#capped = capped;
    this.#state = stateOf(strategy);
  }

  run(): LotResult[] {
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      this.#work(epoch);
      this.#close();
      const donation = BigInt(this.#strategy.donations[epoch] ?? 0);
      this.#donated += donation;
      this.#spent += donation;
      if (this.#strategy.lots[epoch] || epoch === EPOCHS - 1) this.#sell(epoch);
    }
    return this.#results;
  }

  #work(epoch: number): void {
    const { nodes, others } = this.#strategy;
    for (const [i, revenue] of (others[epoch] ?? []).entries()) this.#pay(publicClient, i + 1, 0, revenue);
    for (const [i, node] of nodes.entries()) {
      const nodeId = OTHERS + i + 1;
      this.#pay(publicClient, nodeId, 0, node.honest[epoch] ?? 0);
      for (const [service, amount] of (node.wash[epoch] ?? []).entries()) {
        this.#pay(washer, nodeId, service, amount);
        this.#spent += BigInt(amount);
      }
    }
  }

  /** As an acknowledgement does that is paid in full. */
  #pay(client: Account, node: number, service: number, amount: number): void {
    if (amount === 0) return;
    const revenue = BigInt(amount);
    const key = { node, service, commodity: 0 };
    debit(this.#state, client.address, revenue, CHANGE.ackPayment);
    const known = this.#state.work.get(workKey(key));
    this.#state.work.put({
      ...key,
      units: 0n,
      deliveries: 0,
      lanes: 0,
      revenue: (known?.revenue ?? 0n) + revenue,
    });
  }

  #close(): void {
    this.#state.patchMeta({ time: this.#state.epochEnd });
    closeEpoch(this.#state, []);
  }

  /** Opens a lot of all epochs since the last, sells it, and lets an epoch without revenue close, which grants. */
  #sell(epoch: number): void {
    const { bids, prices, demand } = this.#strategy;
    const { share, premium } = bids[this.#results.length] ?? { share: 0, premium: 10_000 };
    const price = BigInt(prices[epoch] ?? 1);
    const paid = this.#state.account(buyback.address)?.payoutStable ?? 0n;
    const revenue = paid - this.#auctionPaid;
    const amount = revenue + this.#rolled + this.#donated;
    const own = (amount * BigInt(share)) / BPS;
    const sold = own + ((amount - own) * BigInt(demand)) / BPS;
    const ownBurn = (own * BigInt(premium) * FLK) / (BPS * price);
    const burned = this.#capped ? ownBurn + ((sold - own) * FLK) / price : UNCAPPED;
    const counted = amount === 0n ? 0n : (burned * revenue) / amount;
    const [fromEpoch, toEpoch, rolled] = [this.#fromEpoch, this.#state.epoch - 1, amount - sold];
    const lot = { auction: buyback.address, fromEpoch, toEpoch, sold, rolled, burned, counted };
    processL2Event(this.#state, { type: "lotClosed", ...lot }, []);
    this.#close();
    [this.#auctionPaid, this.#rolled, this.#donated, this.#fromEpoch] = [paid, rolled, 0n, toEpoch + 1];
    this.#note(own, ownBurn, price);
  }

  #note(bought: bigint, burned: bigint, price: bigint): void {
    const account = this.#state.account(coalition.address);
    const now = { stable: account?.payoutStable ?? 0n, flk: account?.payoutFlk ?? 0n };
    assert.ok(now.stable >= this.#seen.stable && now.flk >= this.#seen.flk);
    this.#results.push({
      stable: now.stable - this.#seen.stable + bought - this.#spent,
      flk: now.flk - this.#seen.flk - burned,
      price,
    });
    [this.#seen, this.#spent] = [now, 0n];
  }
}

const BASE = new World({
  nodes: OTHERS + MAX_NODES,
  deposits: [
    [washer, MONEY],
    [publicClient, MONEY],
  ],
});

function stateOf({ nodes, shares, kappaBps, maxBoostBps }: Strategy): State {
  const [node, service, treasury] = shares;
  const values: Partial<Record<ParameterKey, number>> = {
    nodeShareBps: node,
    serviceShareBps: service,
    treasuryShareBps: treasury,
    buybackShareBps: Number(BPS) - node - service - treasury,
    kappaBps,
    maxBoostBps,
    maxLock: MAX_LOCK,
  };
  const events: L2Event[] = BASE.events.map((event) => {
    const value = event.type === "parameterSet" ? values[event.key] : undefined;
    return event.type === "parameterSet" && value !== undefined ? { ...event, value: BigInt(value) } : event;
  });
  events.push({ type: "serviceRegistered", serviceId: 1, owner: coalition.address });
  for (const [i, { lock, toAuction }] of nodes.entries()) {
    const nodeId = OTHERS + i + 1;
    events.push({ type: "stakeLocked", nodeId, lockedUntil: BigInt(START / 1000 + lock) });
    events.push({ type: "payeeSet", nodeId, payee: toAuction ? buyback.address : coalition.address });
  }
  return State.genesis(BASE.network, BASE.genesis, events);
}
