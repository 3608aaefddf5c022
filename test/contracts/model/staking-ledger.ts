import { at, type Refusal } from "./bridge-ledger.ts";

/** What NodeStaking does to the stake of nodes, written from docs/spec/contracts.md, as BridgeLedger. Nodes are counted from 0. */

export interface Request {
  id: number;
  amount: bigint;
  maturesAt: number;
}

export interface StakedNode {
  /** by its owner, ever */
  brought: bigint;
  staked: bigint;
  requests: Request[];
  nextId: number;
}

const MAX_REQUESTS = 32;

export class StakingLedger {
  readonly nodes: StakedNode[];
  readonly thawPeriod: number;
  withdrawn = 0n;

  constructor(nodes: number, thawPeriod: number) {
    this.nodes = Array.from({ length: nodes }, () => ({ brought: 0n, staked: 0n, requests: [], nextId: 0 }));
    this.thawPeriod = thawPeriod;
  }

  thawing(node: number): bigint {
    return at(this.nodes, node).requests.reduce((sum, { amount }) => sum + amount, 0n);
  }

  held(): bigint {
    return this.nodes.reduce((sum, { staked }, i) => sum + staked + this.thawing(i), 0n);
  }

  stake(node: number, amount: bigint): Refusal {
    if (amount === 0n) return "ZeroAmount";
    at(this.nodes, node).staked += amount;
    at(this.nodes, node).brought += amount;
  }

  requestUnstake(node: number, amount: bigint, now: number): Refusal {
    const known = at(this.nodes, node);
    if (amount === 0n) return "ZeroAmount";
    if (amount > known.staked) return "InsufficientStake";
    if (known.requests.length === MAX_REQUESTS) return "TooManyRequests";
    known.staked -= amount;
    known.requests.push({ id: known.nextId++, amount, maturesAt: now + this.thawPeriod });
  }

  cancelUnstake(node: number, id: number): Refusal {
    const known = at(this.nodes, node);
    const request = known.requests.find((one) => one.id === id);
    if (!request) return "UnknownRequest";
    known.staked += request.amount;
    known.requests = known.requests.filter((one) => one !== request);
  }

  withdraw(node: number, id: number, now: number): Refusal {
    const known = at(this.nodes, node);
    const request = known.requests.find((one) => one.id === id);
    if (!request) return "UnknownRequest";
    if (now < request.maturesAt) return "StillThawing";
    this.withdrawn += request.amount;
    known.requests = known.requests.filter((one) => one !== request);
  }
}
