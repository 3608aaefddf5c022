import assert from "node:assert/strict";
import { minBigint } from "#protocol/types/bigint.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { at, ceilDiv, type Refusal } from "./ledger.ts";
import { NOBODY, type RegistryLedger } from "./registry-ledger.ts";

export interface Request {
  id: number;
  amount: bigint;
  maturesAt: number;
}

export interface StakedNode {
  staked: bigint;
  /** in the order of the view: the last one takes the place of one that goes */
  requests: Request[];
  nextId: number;
  lockedUntil: number;
  slashed: bigint;
  /** the most that was staked at once */
  peak: bigint;
}

export const MAX_REQUESTS = 32;
const FLK = 10n ** 18n;
const PAUSE = 14 * 86_400;

/** What NodeStaking does to the stake of nodes. */
export class StakingLedger {
  readonly registry: RegistryLedger;
  readonly nodes: StakedNode[] = [];
  /** FLK in the hands of who may stake it, all of it approved */
  readonly unstaked: Map<Hex, bigint>;
  /** by recipient */
  readonly withdrawn = new Map<Hex, bigint>();
  readonly rewarded = new Map<Hex, bigint>();
  burned = 0n;
  pausedUntil = 0;

  constructor(registry: RegistryLedger, unstaked: Map<Hex, bigint>) {
    this.registry = registry;
    this.unstaked = unstaked;
  }

  get(id: number): StakedNode {
    return at(this.nodes, id - 1);
  }

  /** With the node that the registry registered. */
  add(): void {
    this.nodes.push({ staked: 0n, requests: [], nextId: 0, lockedUntil: 0, slashed: 0n, peak: 0n });
  }

  thawing(id: number): bigint {
    return this.get(id).requests.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** What a slash could take. */
  available(id: number): bigint {
    return this.registry.find(id) ? this.get(id).staked + this.thawing(id) : 0n;
  }

  /** The most that was ever staked at once, to the whole FLK. */
  bound(id: number): bigint {
    return ceilDiv(this.get(id).peak, FLK) * FLK;
  }

  stake(id: number, caller: Hex, amount: bigint, now: number): Refusal {
    const refusal = this.registry.refusesOperator(id, caller);
    if (refusal) return refusal;
    if (now < this.pausedUntil) return "IsPaused";
    if (amount === 0n) return "ZeroAmount";
    const has = this.unstaked.get(caller) ?? 0n;
    if (amount > has) return "ERC20InsufficientAllowance";
    this.unstaked.set(caller, has - amount);
    this.#raise(id, amount);
  }

  lock(id: number, caller: Hex, duration: number, terms: { now: number; max: number }): Refusal {
    const refusal = this.registry.refusesOwner(id, caller);
    if (refusal) return refusal;
    if (duration > terms.max) return "LockTooLong";
    const node = this.get(id);
    if (terms.now + duration < node.lockedUntil) return "LockShortened";
    node.lockedUntil = terms.now + duration;
  }

  requestUnstake(id: number, caller: Hex, amount: bigint, terms: { now: number; thaw: number }): Refusal {
    const refusal = this.registry.refusesOwner(id, caller);
    if (refusal) return refusal;
    const node = this.get(id);
    if (amount === 0n) return "ZeroAmount";
    if (terms.now < node.lockedUntil) return "StillLocked";
    if (amount > node.staked) return "InsufficientStake";
    if (node.requests.length === MAX_REQUESTS) return "TooManyRequests";
    node.staked -= amount;
    node.requests.push({ id: node.nextId++, amount, maturesAt: terms.now + terms.thaw });
  }

  cancelUnstake(id: number, caller: Hex, requestId: number): Refusal {
    const refusal = this.registry.refusesOwner(id, caller);
    if (refusal) return refusal;
    const request = this.request(id, requestId);
    if (!request) return "UnknownRequest";
    this.#remove(id, request);
    this.#raise(id, request.amount);
  }

  withdraw(id: number, caller: Hex, requestId: number, to: Hex, now: number): Refusal {
    const refusal = this.registry.refusesOwner(id, caller);
    if (refusal) return refusal;
    const request = this.request(id, requestId);
    if (!request) return "UnknownRequest";
    if (now < request.maturesAt) return "StillThawing";
    if (to === NOBODY) return "ZeroRecipient";
    this.#leave(id, [request], to);
  }

  withdrawMatured(id: number, caller: Hex, to: Hex, now: number): Refusal {
    const refusal = this.registry.refusesOwner(id, caller);
    if (refusal) return refusal;
    const matured = this.get(id).requests.filter(({ maturesAt }) => maturesAt <= now);
    if (matured.length === 0) return "NothingMatured";
    if (to === NOBODY) return "ZeroRecipient";
    this.#leave(id, matured.reverse(), to);
  }

  /** The slasher alone may. */
  slash(id: number, amount: bigint, reporter: Hex, reward: bigint): bigint {
    const available = this.available(id);
    const slashed = minBigint(amount, available);
    if (slashed === 0n) return 0n;
    const node = this.get(id);
    const thawed = this.#slashRequests(node, slashed, available);
    node.staked -= slashed - thawed;
    node.slashed += slashed;
    this.registry.get(id).optedIn = false;
    const rewarded = minBigint(reward, slashed);
    if (rewarded > 0n) this.rewarded.set(reporter, (this.rewarded.get(reporter) ?? 0n) + rewarded);
    this.burned += slashed - rewarded;
    if (slashed === available) assert.deepEqual([node.staked, node.requests], [0n, []]);
    return slashed;
  }

  pauseFor(duration: number, now: number): Refusal {
    if (duration === 0 || duration > PAUSE) return "InvalidPause";
    if (this.pausedUntil !== 0 && now < this.pausedUntil + PAUSE) return "PauseTooSoon";
    this.pausedUntil = now + duration;
  }

  unpause(now: number): Refusal {
    if (now >= this.pausedUntil) return "NotPaused";
    this.pausedUntil = now;
  }

  request(id: number, requestId: number): Request | undefined {
    return this.get(id).requests.find((one) => one.id === requestId);
  }

  /** From the last on, each loses what those so far are short of their part, which is rounded down: its own, to less than a wei. */
  #slashRequests(node: StakedNode, slashed: bigint, available: bigint): bigint {
    let [passed, taken] = [0n, 0n];
    for (const request of [...node.requests].reverse()) {
      passed += request.amount;
      const part = (passed * slashed) / available - taken;
      const error = part * available - request.amount * slashed;
      assert.ok(error > -available && error < available && part <= request.amount, "its part, to the wei");
      taken += part;
      request.amount -= part;
      if (request.amount === 0n) removeFrom(node.requests, request);
    }
    return taken;
  }

  #raise(id: number, amount: bigint): void {
    const node = this.get(id);
    node.staked += amount;
    if (node.staked > node.peak) node.peak = node.staked;
  }

  #leave(id: number, requests: Request[], to: Hex): void {
    for (const request of requests) {
      this.#remove(id, request);
      this.withdrawn.set(to, (this.withdrawn.get(to) ?? 0n) + request.amount);
    }
  }

  #remove(id: number, request: Request): void {
    removeFrom(this.get(id).requests, request);
  }
}

function removeFrom(requests: Request[], request: Request): void {
  const last = requests.pop();
  const index = requests.indexOf(request);
  if (last && last !== request) requests[index] = last;
}
