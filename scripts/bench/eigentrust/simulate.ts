import { Rng } from "../support/rng.ts";
import type { Choice, Policy, PolicyKind, Rating } from "./policies/policy.ts";
import type { Threat } from "./threats.ts";

export interface Size {
  epochs: number;
  /** epochs before this one are not counted: all rules are still learning */
  from: number;
  /** requests of one good node in one epoch */
  requests: number;
}

export const FULL_SIZE: Size = { epochs: 20, from: 10, requests: 20 };

/** A good node has what is asked for with this probability; an attacker says that it has everything. */
const HAS_CONTENT = 0.15;
/** answers of good nodes that are wrong, as in the paper */
const MISTAKES = 0.05;
/** requests that an attacker claims to have made of each node it praises or slanders */
const CLAIMED = 20;

interface World {
  threat: Threat;
  random: Rng;
  nodes: number;
  /** good and bad answers that i had from j in this epoch */
  good: Uint16Array[];
  bad: Uint16Array[];
}

/** Part of all answers that were bad, of those that good nodes got once the rules have learnt. */
export function badShare(threat: Threat, kind: PolicyKind, seed: number, size: Size): number {
  const nodes = threat.good + threat.bad;
  const policy = kind.make(threat, nodes);
  const random = new Rng(seed * 7_919 + 1);
  let answers = 0;
  let wrong = 0;
  for (let epoch = 0; epoch < size.epochs; epoch++) {
    const empty = () => Array.from({ length: nodes }, () => new Uint16Array(nodes));
    const world: World = { threat, random, nodes, good: empty(), bad: empty() };
    const counts = runEpoch(world, policy, epoch, size.requests);
    if (epoch >= size.from) {
      answers += counts.answers;
      wrong += counts.wrong;
    }
    const renamed = threat.fresh ? range(threat.good, nodes) : [];
    policy.close({ ratings: ratingsOf(world, epoch), renamed });
  }
  return wrong / answers;
}

/** Each good node asks until an answer is good or nobody is left to ask. */
function runEpoch(world: World, policy: Policy, epoch: number, requests: number) {
  const choice = policy.choice();
  let answers = 0;
  let wrong = 0;
  for (let request = 0; request < requests; request++) {
    for (let client = 0; client < world.threat.good; client++) {
      const sources = responders(world, client);
      for (let served = false; !served && sources.length > 0; ) {
        const source = take(sources, choice, world.random);
        served = !isWrong(world, source, epoch);
        const tally = (served ? world.good : world.bad)[client] as Uint16Array;
        tally[source] = (tally[source] as number) + 1;
        answers++;
        if (!served) wrong++;
      }
    }
  }
  return { answers, wrong };
}

function responders({ threat, random, nodes }: World, client: number): number[] {
  const sources: number[] = [];
  for (let node = 0; node < threat.good; node++) {
    if (node !== client && random.chance(HAS_CONTENT)) sources.push(node);
  }
  for (let node = threat.good; node < nodes; node++) sources.push(node);
  return sources;
}

/** Takes one source out of `sources`. */
function take(sources: number[], choice: Choice, random: Rng): number {
  let strangers = 0;
  let sum = 0;
  for (const node of sources) {
    if (choice.unknown[node] === 1) strangers++;
    else sum += choice.weights[node] as number;
  }
  const explore = strangers > 0 && (sum === 0 || random.chance(choice.unknownShare));
  const at = explore
    ? indexOfStranger(sources, choice, random.below(strangers))
    : sum === 0
      ? random.below(sources.length)
      : indexByWeight(sources, choice, random.next() * sum);
  const node = sources[at] as number;
  sources[at] = sources[sources.length - 1] as number;
  sources.length--;
  return node;
}

function indexOfStranger(sources: number[], choice: Choice, nth: number): number {
  let left = nth;
  return sources.findIndex((node) => choice.unknown[node] === 1 && left-- === 0);
}

function indexByWeight(sources: number[], choice: Choice, target: number): number {
  let left = target;
  let last = 0;
  for (let at = 0; at < sources.length; at++) {
    const node = sources[at] as number;
    if (choice.unknown[node] === 1) continue;
    last = at;
    left -= choice.weights[node] as number;
    if (left < 0) break;
  }
  return last;
}

function isWrong({ threat, random }: World, node: number, epoch: number): boolean {
  const attacks = node >= threat.good + threat.spies && epoch >= threat.wakes;
  return attacks ? !random.chance(threat.honesty) : random.chance(MISTAKES);
}

function ratingsOf(world: World, epoch: number): Rating[][] {
  const { threat, nodes } = world;
  return range(0, nodes).map((reporter) => {
    const bribed = reporter >= threat.good - threat.bribed && reporter < threat.good;
    const attacks = reporter >= threat.good && epoch >= threat.wakes;
    if (bribed || (attacks && threat.collective)) return collective(threat, nodes, reporter);
    return seen(world, reporter, attacks && !threat.collective);
  });
}

function seen({ nodes, good, bad }: World, reporter: number, inverted: boolean): Rating[] {
  return range(0, nodes)
    .map((node) => {
      const [well, ill] = [good[reporter]?.[node] ?? 0, bad[reporter]?.[node] ?? 0];
      return inverted ? { node, good: ill, bad: well } : { node, good: well, bad: ill };
    })
    .filter((rating) => rating.good + rating.bad > 0);
}

/** Praise for those that attack; from spies too, who need none themselves. */
function collective(threat: Threat, nodes: number, reporter: number): Rating[] {
  const praised = range(threat.good + threat.spies, nodes).map((node) => ({ node, good: CLAIMED, bad: 0 }));
  const slandered = threat.slander
    ? range(0, threat.good).map((node) => ({ node, good: 0, bad: CLAIMED }))
    : [];
  return [...praised, ...slandered].filter(({ node }) => node !== reporter);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
