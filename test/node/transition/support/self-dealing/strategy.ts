import type { Rng } from "#scripts/bench/support/rng.ts";

/** Epochs with revenue of one trial; each is in exactly one lot. */
export const EPOCHS = 3;
/** of the coalition */
export const MAX_NODES = 4;
export const MAX_LOCK = 63_072_000;
/** 0 is the public's, 1 the coalition's own */
const SERVICES = [0, 1] as const;
const USD = 1_000_000;

/** One node of the coalition. Money is micro-USD. */
export interface DealtNode {
  /** seconds that its stake is locked for */
  lock: number;
  /** from clients that are not of the coalition, per epoch */
  honest: number[];
  /** that the coalition pays itself, per epoch and service */
  wash: number[][];
  /** names the auction as its payee */
  toAuction: boolean;
}

/** What the coalition does, and what is around it. */
export interface Strategy {
  nodes: DealtNode[];
  /** per epoch, micro-USD sent to the auction */
  donations: number[];
  /** per epoch: whether a lot with it and those before it, as far as none had it, is opened and closed after it */
  lots: boolean[];
  /** per lot: basis points of it that the coalition buys first, and what it pays, basis points of the market's price */
  bids: { share: number; premium: number }[];
  /** per epoch, micro-USD per FLK when its lot is sold: whatever the coalition wishes */
  prices: number[];
  /** per epoch, micro-USD of revenue of each of two nodes that are not of the coalition */
  others: number[][];
  /** basis points of what the coalition leaves of a lot that others buy at the market's price */
  demand: number;
  kappaBps: number;
  maxBoostBps: number;
  /** node, service, treasury; the rest is the buyback */
  shares: [number, number, number];
}

const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

/** A number between 0 and `most` whose magnitude is as likely to be small as large. */
function magnitude(rng: Rng, most: number): number {
  return rng.chance(0.2) ? 0 : Math.floor(10 ** (rng.next() * Math.log10(most)));
}

function randomNode(rng: Rng): DealtNode {
  return {
    lock: rng.chance(0.5) ? rng.int(0, MAX_LOCK) : MAX_LOCK,
    honest: list(EPOCHS, () => magnitude(rng, 1000 * USD)),
    wash: list(EPOCHS, () => SERVICES.map(() => magnitude(rng, 10_000 * USD))),
    toAuction: rng.chance(0.1),
  };
}

function randomShares(rng: Rng): [number, number, number] {
  const node = rng.int(0, 9_500);
  const service = rng.int(0, 9_500 - node);
  return [node, service, rng.int(0, 9_900 - node - service)];
}

export function randomStrategy(rng: Rng): Strategy {
  return {
    nodes: list(rng.int(1, MAX_NODES), () => randomNode(rng)),
    donations: list(EPOCHS, () => (rng.chance(0.2) ? magnitude(rng, 1000 * USD) : 0)),
    lots: list(EPOCHS, () => rng.chance(0.7)),
    bids: list(EPOCHS, () => ({ share: rng.int(0, 10_000), premium: 10_000 + magnitude(rng, 90_000) })),
    prices: list(EPOCHS, () => 1_000 + magnitude(rng, 10 * USD)),
    others: list(EPOCHS, () => [magnitude(rng, 10_000 * USD), magnitude(rng, 10_000 * USD)]),
    demand: rng.chance(0.5) ? 10_000 : rng.int(0, 10_000),
    kappaBps: rng.chance(0.8) ? 5_000 : rng.int(0, 5_000),
    maxBoostBps: rng.int(10_000, 100_000),
    shares: rng.chance(0.5) ? [8_000, 1_000, 500] : randomShares(rng),
  };
}

/** A neighbour: one part of it, or one node, as another random one has it, or an amount scaled. */
export function mutate(strategy: Strategy, rng: Rng): Strategy {
  const other = randomStrategy(rng);
  const next = structuredClone(strategy);
  const pick = <T>(values: readonly T[]): T => values[rng.int(0, values.length - 1)] as T;
  switch (pick(["part", "node", "more", "fewer", "scale", "scale"])) {
    case "part":
      return { ...next, ...Object.fromEntries([pick(Object.entries(other))]) };
    case "node":
      next.nodes[rng.int(0, next.nodes.length - 1)] = randomNode(rng);
      return next;
    case "more":
      return next.nodes.length < MAX_NODES ? { ...next, nodes: [...next.nodes, randomNode(rng)] } : next;
    case "fewer":
      return next.nodes.length > 1 ? { ...next, nodes: next.nodes.slice(1) } : next;
    default: {
      const scaled = pick(next.nodes);
      const factor = pick([0, 0.5, 0.9, 1.1, 2, 10]);
      scaled.wash = scaled.wash.map((epoch) =>
        epoch.map((amount) => Math.min(10_000 * USD, Math.floor(amount * factor))),
      );
      return next;
    }
  }
}

/** The same without anything that is done for the sake of grants: the same nodes, locks and honest traffic. */
export function honest(strategy: Strategy): Strategy {
  return {
    ...strategy,
    donations: list(EPOCHS, () => 0),
    bids: list(EPOCHS, () => ({ share: 0, premium: 10_000 })),
    nodes: strategy.nodes.map((node) => ({
      ...node,
      toAuction: false,
      wash: node.wash.map((epoch) => epoch.map(() => 0)),
    })),
  };
}

/** micro-USD that the coalition pays itself. */
export function washed({ nodes }: Strategy): bigint {
  return BigInt(nodes.flatMap(({ wash }) => wash.flat()).reduce((sum, amount) => sum + amount, 0));
}
