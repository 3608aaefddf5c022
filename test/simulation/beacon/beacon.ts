import { sha256 } from "#crypto";
import { CommitteeView } from "#node/consensus/committee.ts";
import { FIRST_SCHEDULE, leaderIn } from "#node/consensus/leader-schedule.ts";
import { drawCommittee } from "#node/transition/epoch/committee-draw.ts";
import { beaconMessage, foldBeacon } from "#protocol/digests/consensus.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { Rng } from "#scripts/bench/support/rng.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { World } from "#test/node/transition/support/world.ts";

/** Of the eligible nodes, in percent. */
export const COALITIONS: readonly number[] = [10, 20, 25, 33];
/** Nodes that may be drawn, as in docs/spec/committee.md. */
export const ELIGIBLE = 1_000;
/** Anchors before the cutoff that are looked at: a longer tail of one coalition's leaders is one epoch in 10^5. */
const TAIL = 10;

interface BeaconOptions {
  seats: number;
  /** eligible */
  nodes: number;
  /** of the eligible nodes, in percent */
  coalition: number;
  epochs: number;
}

/** What a coalition got that chose, in every epoch, which of its last anchors commit. */
export interface BeaconBias extends BeaconOptions {
  /** seats that are its due, in the mean */
  share: number;
  /** seats that choosing gave it beyond those of the same epoch with all its anchors, in the mean */
  moreSeats: number;
  /** standard error of `moreSeats` */
  error: number;
  /** share of the epochs in which it could choose among 2^i seeds, by i */
  bits: number[];
  /** share of the epochs in which it got more than f seats, and in which the draw without a choice would have given it as many */
  moreThanF: number;
  moreThanFWithout: number;
}

/** A network whose nodes a coalition has a part of. */
export class BeaconExperiment {
  #world: World;
  #seats: number;
  #nodes: number;

  constructor(seats: number, nodes: number) {
    this.#seats = seats;
    this.#nodes = nodes;
    this.#world = new World({ nodes, parameters: { committeeSize: BigInt(seats) } });
    const { state } = this.#world;
    state.eligible.set(this.#world.nodes.map(({ nodeId }) => nodeId));
  }

  /** `coalition`: in percent of the nodes */
  measure(coalition: number, epochs: number): BeaconBias {
    const ours = this.#coalition(coalition);
    const bits = new Array<number>(TAIL + 1).fill(0);
    const chosen: number[] = [];
    const fair: number[] = [];
    let now = this.#within(seedOf(`beacon ${this.#seats} ${coalition}`), ours);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const choices = this.#choices(now, ours);
      const exponent = Math.log2(choices.length);
      bits[exponent] = (bits[exponent] ?? 0) + 1;
      const best = choices.reduce((a, b) => (b.seats > a.seats ? b : a));
      chosen.push(best.seats);
      // all of its anchors commit
      fair.push(choices.at(-1)?.seats ?? 0);
      now = this.#isWithin(best) ? best : this.#within(best.seed, ours);
    }
    const over = (all: number[]) => all.filter((seats) => seats > this.#most()).length / epochs;
    const gains = chosen.map((seats, epoch) => seats - (fair[epoch] ?? 0));
    const moreSeats = mean(gains);
    return {
      ...{ seats: this.#seats, nodes: this.#nodes, coalition, epochs },
      share: (this.#seats * ours.size) / this.#nodes,
      moreSeats,
      error: Math.sqrt(mean(gains.map((gain) => (gain - moreSeats) ** 2)) / epochs),
      bits: bits.map((count) => count / epochs),
      moreThanF: over(chosen),
      moreThanFWithout: over(fair),
    };
  }

  /** f seats */
  #most(): number {
    return Math.floor((this.#seats - 1) / 3);
  }

  #isWithin({ seats }: Choice): boolean {
    return seats <= this.#most();
  }

  /** A draw that nobody had a choice in, and that gives the coalition no more than f seats: with more it needs no beacon. */
  #within(seed: Uint8Array, ours: ReadonlySet<number>): Choice {
    for (let next = sha256(seed); ; next = sha256(next)) {
      const drawn = this.#draw(next, ours);
      if (this.#isWithin(drawn)) return drawn;
    }
  }

  #draw(seed: Uint8Array, ours: ReadonlySet<number>): Choice {
    const committee = drawCommittee(this.#world.state, seed);
    return { seed, committee, seats: committee.members.filter(({ nodeId }) => ours.has(nodeId)).length };
  }

  #coalition(percent: number): Set<number> {
    const rng = new Rng(1_000 * this.#seats + percent);
    const count = Math.round((this.#nodes * percent) / 100);
    const ours = new Set<number>();
    while (ours.size < count) ours.add(rng.int(1, this.#nodes));
    return ours;
  }

  /** TRN-BEACON, TRN-DRAW: the next seed and committee for each set of its last anchors that may commit; all of them is the last. */
  #choices(now: Choice, ours: ReadonlySet<number>): Choice[] {
    const { state, network } = this.#world;
    state.members.set(now.committee);
    const { before, own } = this.#tail(now, ours);
    let seeds = [before];
    for (const signature of own) {
      seeds = seeds.flatMap((next) => [next, foldBeacon(network.networkId, next, signature)]);
    }
    return seeds.map((next) => this.#draw(next, ours));
  }

  /**
   * BUL-ELECT: the beacons of the last anchor rounds before the cutoff that the coalition leads after the last honest leader. An
   * honest beacon is known with its header; its own it knows all the time.
   */
  #tail({ committee, seed }: Choice, ours: ReadonlySet<number>): { before: Uint8Array; own: Uint8Array[] } {
    const { networkId } = this.#world.network;
    const view = new CommitteeView(networkId, committee, seed);
    let before = seed;
    let own: Uint8Array[] = [];
    for (let round = 2; round <= 2 * TAIL; round += 2) {
      const leader = leaderIn(view, FIRST_SCHEDULE, round) ?? 0;
      const message = beaconMessage(networkId, seed, committee.epoch, round);
      own.push(this.#world.node(leader).consensus.sign(message));
      if (ours.has(leader)) continue;
      before = own.reduce((next, signature) => foldBeacon(networkId, next, signature), before);
      own = [];
    }
    return { before, own };
  }
}

interface Choice {
  seed: Uint8Array;
  committee: Committee;
  /** of the coalition */
  seats: number;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const COLUMNS = [
  "seats",
  "coalition",
  "share",
  "more",
  "+-",
  "0 bits",
  "1",
  "2",
  "3",
  "4 and more",
  "> f",
  "> f fair",
];

export function beaconTable(rows: readonly BeaconBias[]): string {
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  const lines = rows.map(
    ({ seats, coalition, share, moreSeats, error, bits, moreThanF, moreThanFWithout }) => {
      const more = bits.slice(4).reduce((sum, part) => sum + part, 0);
      const parts = [...bits.slice(0, 4), more, moreThanF, moreThanFWithout].map(percent);
      return [
        String(seats),
        `${coalition} %`,
        share.toFixed(1),
        moreSeats.toFixed(2),
        error.toFixed(2),
        ...parts,
      ];
    },
  );
  return [COLUMNS, ...lines].map((line) => line.map((cell) => cell.padStart(11)).join("")).join("\n");
}
