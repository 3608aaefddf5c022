import type { Offer } from "#client/actions/get-offers.ts";
import { pickFrom, type RankedNode } from "#client/actions/pick-from.ts";
import { Rng } from "../support/rng.ts";
import { type Mix, makeNodes, roundTrip, SILENT, type SimNode, WRONG } from "./world.ts";

/**
 * `nearest` by a ping before the first request, `fastest` by what the client measured of answers so far, `flk` by scores and that, `flk-offers`
 * also by what nodes say of their load and price.
 */
export const RULES = ["random", "nearest", "fastest", "flk", "flk-offers"] as const;
export type Rule = (typeof RULES)[number];

export interface Figures {
  /** ms until the first byte of a good answer */
  p50: number;
  p95: number;
  /** part of the requests that a node failed or answered wrongly before one served them */
  failed: number;
  /** largest part of all answers that one node gave */
  busiest: number;
}

const CLIENTS = 200;
/** Of the clients, by region: half are where a fifth of the nodes is. */
const CLIENT_REGIONS = [1, 1, 1, 1, 1, 0, 0, 2, 3, 4];
/** 150 of each client */
const REQUESTS = 30_000;
/** part that is not counted: clients have measured nothing yet */
const WARM_UP = 1 / 6;
/** ms a node works on a request, mean, and between requests for each node that serves well: a third of what it can do */
const WORK_MS = 20;
const GAP_MS = 60;
/** ms after which a client gives up on a node */
const TIMEOUT_MS = 1_000;
const ATTEMPTS = 5;
/** of a new measurement in what a client knows of a node's distance */
const NEWER = 0.3;
/** ms for which a client takes a node's word on its load */
const OFFER_MS = 1_000;
/** over which a node's load is a mean */
const LOAD_WINDOW_MS = 1_000;
/** micro-USD per 10^9 units: of the service, and more than that */
const PRICE = 10n;
const DEAR = PRICE + 1n;

interface Client {
  region: number;
  pinged: ReadonlyMap<number, number>;
  /** of answers */
  near: Map<number, number>;
  offers: ReadonlyMap<number, Offer>;
  offeredAt: number;
}

/** What happens at the nodes. */
interface Queues {
  /** when each is done with what it has */
  freeAt: Float64Array;
  /** 0 to 1, over the last window, as of `seenAt` */
  busy: Float64Array;
  seenAt: Float64Array;
}

/** A request that is on its way to the `attempt`-th node of `order`. */
interface Attempt {
  at: number;
  started: number;
  client: Client;
  order: RankedNode[];
  attempt: number;
  counted: boolean;
}

/** One network under one rule. */
export function simulate(rule: Rule, seed: number, mix: Mix, requests = REQUESTS): Figures {
  const random = new Rng(seed + 1);
  const nodes = makeNodes(random, mix);
  const gapMs = GAP_MS / nodes.reduce((sum, { bad, dear, left }) => sum + (bad || dear ? 0 : left), 0);
  const clients = makeClients(nodes, random);
  const ranked = nodes.map(asRanked);
  const queues = newQueues(nodes);
  const served = new Float64Array(nodes.length);
  const again: Attempt[] = [];
  const times: number[] = [];
  let failed = 0;

  const run = (tried: Attempt): void => {
    const { client, order, at, attempt } = tried;
    const node = nodes[(order[attempt] as RankedNode).nodeId] as SimNode;
    const { ms, good } = ask(node, client, at, queues, random);
    served[node.nodeId] = (served[node.nodeId] as number) + 1;
    // to be refused is soon, and as useless as no answer
    const felt = node.dear ? TIMEOUT_MS : ms;
    client.near.set(node.nodeId, (1 - NEWER) * (client.near.get(node.nodeId) ?? felt) + NEWER * felt);
    if (!good && attempt === 0 && tried.counted) failed++;
    if (!good && attempt + 1 < order.length) later(again, { ...tried, at: at + ms, attempt: attempt + 1 });
    else if (tried.counted) times.push(at + ms - tried.started);
  };

  let now = 0;
  for (let request = 0; request < requests; request++) {
    now += -Math.log(1 - random.next()) * gapMs;
    while (again[0] && again[0].at <= now) run(again.shift() as Attempt);
    const client = clients[random.below(CLIENTS)] as Client;
    if (rule === "flk-offers" && now - client.offeredAt >= OFFER_MS) {
      client.offers = offersOf(nodes, client, queues, now);
      client.offeredAt = now;
    }
    const order = choose(rule, client, ranked, random);
    run({ at: now, started: now, client, order, attempt: 0, counted: request >= WARM_UP * requests });
  }
  while (again[0]) run(again.shift() as Attempt);
  return figuresOf(times, failed, served);
}

/** Keeps attempts in the order of their times. */
function later(again: Attempt[], attempt: Attempt): void {
  let index = again.length;
  while (index > 0 && (again[index - 1] as Attempt).at > attempt.at) index--;
  again.splice(index, 0, attempt);
}

function makeClients(nodes: SimNode[], random: Rng): Client[] {
  return Array.from({ length: CLIENTS }, (_, i) => {
    const region = CLIENT_REGIONS[i % CLIENT_REGIONS.length] ?? 0;
    const near = new Map(nodes.map((node) => [node.nodeId, roundTrip(region, node.region, random)]));
    return { region, pinged: new Map(near), near, offers: new Map(), offeredAt: Number.NEGATIVE_INFINITY };
  });
}

function figuresOf(times: number[], failed: number, served: Float64Array): Figures {
  times.sort((a, b) => a - b);
  const at = (part: number): number => Math.round(times[Math.floor(times.length * part)] ?? 0);
  const answers = served.reduce((sum, count) => sum + count, 0);
  return {
    p50: at(0.5),
    p95: at(0.95),
    failed: failed / times.length,
    busiest: Math.max(...served) / answers,
  };
}

function asRanked({ nodeId, reputation }: SimNode): RankedNode {
  const keys = { owner: new Uint8Array(20), networkKey: new Uint8Array(32), endpoints: [], stake: 1n };
  return { nodeId, reputation, newcomer: false, ...keys };
}

function choose(rule: Rule, client: Client, nodes: RankedNode[], random: Rng): RankedNode[] {
  const next = () => random.next();
  const { near, offers } = client;
  if (rule === "flk") return pickFrom(nodes, { count: ATTEMPTS, near, random: next });
  if (rule === "flk-offers")
    return pickFrom(nodes, { count: ATTEMPTS, near, offers, price: PRICE, random: next });
  if (rule === "nearest" || rule === "fastest") {
    const known = rule === "nearest" ? client.pinged : client.near;
    return least(nodes, ({ nodeId }) => known.get(nodeId) ?? 0);
  }
  return Array.from({ length: ATTEMPTS }, () => nodes[random.below(nodes.length)] as RankedNode);
}

/** The ATTEMPTS with the least, in order. */
function least(nodes: readonly RankedNode[], distanceOf: (node: RankedNode) => number): RankedNode[] {
  const best: { node: RankedNode; distance: number }[] = [];
  for (const node of nodes) {
    const distance = distanceOf(node);
    let at = best.length;
    while (at > 0 && (best[at - 1]?.distance ?? 0) > distance) at--;
    if (at === ATTEMPTS) continue;
    best.splice(at, 0, { node, distance });
    if (best.length > ATTEMPTS) best.pop();
  }
  return best.map(({ node }) => node);
}

function newQueues(nodes: readonly SimNode[]): Queues {
  const busy = Float64Array.from(nodes, ({ left }) => 1 - left);
  return { freeAt: new Float64Array(nodes.length), busy, seenAt: new Float64Array(nodes.length) };
}

/** A mean over the last window, `ms` of `part` after it was `before`. */
function after(ms: number, part: number, before: number): number {
  const weight = Math.exp(-Math.max(0, ms) / LOAD_WINDOW_MS);
  return weight * before + (1 - weight) * part;
}

/** How busy a node is at `now` that did nothing for these clients since it was seen. */
function busyAt(queues: Queues, { nodeId, left }: SimNode, now: number): number {
  return after(now - (queues.seenAt[nodeId] as number), 1 - left, queues.busy[nodeId] as number);
}

/** The node works from `from` to `to`, and did not between what it did before and then. */
function work(queues: Queues, node: SimNode, from: number, to: number): void {
  const { nodeId } = node;
  queues.busy[nodeId] = after(to - from, 1, busyAt(queues, node, from));
  queues.seenAt[nodeId] = to;
  queues.freeAt[nodeId] = to;
}

/** Of bad nodes too, which say that they are idle. */
function offersOf(
  nodes: readonly SimNode[],
  client: Client,
  queues: Queues,
  now: number,
): Map<number, Offer> {
  return new Map(
    nodes.map((node) => {
      const { nodeId, bad, dear } = node;
      const load = bad ? 0 : Math.round(100 * busyAt(queues, node, now));
      return [nodeId, { ms: client.near.get(nodeId) ?? 0, load, minPrices: [dear ? DEAR : 0n] }];
    }),
  );
}

/** A queue of one: the request waits until the node is free. Who wants another price says so at once. */
function ask(
  node: SimNode,
  client: Client,
  at: number,
  queues: Queues,
  random: Rng,
): { ms: number; good: boolean } {
  const trip = roundTrip(client.region, node.region, random);
  if (node.dear) return { ms: trip, good: false };
  const fate = node.bad ? random.next() : 1;
  if (fate < SILENT) return { ms: TIMEOUT_MS, good: false };
  const arrival = at + trip / 2;
  const start = Math.max(arrival, queues.freeAt[node.nodeId] as number);
  const end = start - (Math.log(1 - random.next()) * WORK_MS) / node.left;
  work(queues, node, start, end);
  const ms = end - at + trip / 2;
  if (ms > TIMEOUT_MS) return { ms: TIMEOUT_MS, good: false };
  return { ms, good: fate >= SILENT + WRONG };
}
