import type { Rng } from "#scripts/bench/support/rng.ts";
import type { SimClock } from "../support/sim-clock.ts";
import { linkId, type SimHub } from "../support/sim-network.ts";
import { MISDEEDS } from "./byzantine.ts";
import { type Machine, QUICK_DISK_MS } from "./machine.ts";
import { type Fault, PROFILES, type Profile } from "./profiles.ts";

/** ms within true time that a clock is kept */
const MAX_SKEW_MS = 50;
/** ms by which a clock that is set wrong is off at most */
const MAX_STEP_MS = 180_000;
/** ms that a process takes to end at most, even on a slow disk */
const MOST_STOPPING_MS = 4_000;
const FAIR = { minDelay: 1, maxDelay: 20, loss: 0, duplicates: 0, cut: new Set<number>() };

/** Injects faults, and mends them. Everything is drawn from the seed. */
export class Chaos {
  readonly counts: Partial<Record<Fault, number>> = {};
  #rng: Rng;
  #clock: SimClock;
  #hub: SimHub;
  #machines: readonly Machine[];
  #mix: [Fault, number][];
  #blocked = new Map<number, number>();
  #active = false;
  /** machines whose clocks are set wrong now and then: at most f, as a header from the future is one until its time has come */
  #wrong = new Set<Machine>();
  /** mends what is broken now; a later fault of the same kind replaces it */
  #mends = new Map<string, () => void>();

  constructor(profile: Profile, rng: Rng, clock: SimClock, hub: SimHub, machines: readonly Machine[]) {
    this.#rng = rng;
    this.#clock = clock;
    this.#hub = hub;
    this.#machines = machines;
    // seeds differ in what they are about, so that rare mixes come too
    const all = Object.entries(PROFILES[profile]) as [Fault, number][];
    const some = all.filter(() => rng.chance(0.7));
    this.#mix = some.length > 0 ? some : all;
    hub.weather = { ...FAIR };
  }

  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  begin(): void {
    this.#active = true;
    this.#next();
  }

  /** All links, disks and processes are well again. Clocks stay apart, and Byzantine nodes what they are. */
  heal(): void {
    this.#active = false;
    for (const mend of [...this.#mends.values()]) mend();
    this.#mends.clear();
    this.#blocked.clear();
    this.#hub.weather = { ...FAIR };
    for (const machine of this.#machines) {
      machine.slowestMs = QUICK_DISK_MS;
      machine.crashAt(Number.POSITIVE_INFINITY, true);
      machine.start();
    }
  }

  #next(): void {
    this.#clock.after(this.#rng.int(100, 1500), () => {
      if (!this.#active) return;
      this.#inject(this.#draw());
      this.#next();
    });
  }

  #draw(): Fault | undefined {
    const sum = this.#mix.reduce((total, [, weight]) => total + weight, 0);
    let left = this.#rng.next() * sum;
    for (const [fault, weight] of this.#mix) {
      left -= weight;
      if (left < 0) return fault;
    }
    return undefined;
  }

  #inject(fault: Fault | undefined): void {
    const done = fault && this.#doings()[fault]();
    if (fault && done !== false) this.counts[fault] = (this.counts[fault] ?? 0) + 1;
  }

  #doings(): Record<Fault, () => boolean | undefined> {
    return {
      crash: () => this.#crash(),
      shutdown: () => this.#shutdown(),
      blackout: () => this.#blackout(),
      partition: () => this.#partition(),
      isolation: () => this.#isolate(),
      loss: () => this.#weather("loss", { loss: 0.02 + 0.3 * this.#rng.next() }),
      duplication: () => this.#weather("duplication", { duplicates: 0.1 + 0.4 * this.#rng.next() }),
      delay: () => this.#weather("delay", { maxDelay: this.#rng.int(40, 1200) }),
      lag: () => this.#lag(),
      slowDisk: () => this.#slowDisk(),
      clockSkew: () => this.#skew(),
      clockStep: () => this.#step(),
      turncoat: () => this.#turncoat(),
    };
  }

  /** Dies at one of its next durable writes, wherever that is, and comes back. */
  #crash(): boolean {
    const machine = this.#one(({ running, byzantine }) => running && !byzantine);
    if (!machine) return false;
    machine.crashAt(this.#rng.int(1, 40), this.#rng.chance(0.5));
    this.#startLater(machine, this.#rng.int(400, 4000));
    return true;
  }

  /** Ends as it is asked to, whatever it is doing, and comes back. */
  #shutdown(): boolean {
    const machine = this.#one(
      ({ running, byzantine, chain }) => running && chain !== undefined && !byzantine,
    );
    if (!machine) return false;
    machine.stop(MOST_STOPPING_MS);
    this.#startLater(machine, this.#rng.int(MOST_STOPPING_MS + 1, 2 * MOST_STOPPING_MS));
    return true;
  }

  #startLater(machine: Machine, ms: number): void {
    this.#clock.after(ms, () => {
      if (!this.#active) return;
      // one that had too little to write dies now
      machine.crash();
      machine.start();
    });
  }

  #blackout(): undefined {
    for (const machine of this.#machines) {
      machine.crash();
      this.#startLater(machine, this.#rng.int(50, 1500));
    }
  }

  /** Two parts that do not hear each other, or only one of them the other. */
  #partition(): undefined {
    const side = new Set(this.#machines.filter(() => this.#rng.chance(0.5)).map(({ id }) => id));
    const bothWays = this.#rng.chance(0.5);
    this.#block((from, to) => side.has(from) !== side.has(to) && (bothWays || side.has(from)));
  }

  /** One node hears nobody, is heard by nobody, or both. */
  #isolate(): undefined {
    const machine = this.#one(() => true);
    const way = this.#rng.int(0, 2);
    this.#block((from, to) => (from === machine?.id && way !== 0) || (to === machine?.id && way !== 1));
  }

  #block(blocks: (from: number, to: number) => boolean): void {
    const links: [from: number, to: number][] = this.#machines.flatMap(({ id: from }) =>
      this.#machines
        .filter(({ id: to }) => from !== to && blocks(from, to))
        .map(({ id: to }): [number, number] => [from, to]),
    );
    for (const [from, to] of links) this.#hold(linkId(from, to), 1);
    const seesIt = this.#rng.chance(0.5);
    this.#later(`block ${this.#clock.now()}`, this.#rng.int(300, 4000), () => {
      for (const [from, to] of links) {
        this.#hold(linkId(from, to), -1);
        if (seesIt) this.#hub.reconnect(from, to);
      }
    });
  }

  #hold(link: number, by: number): void {
    const held = (this.#blocked.get(link) ?? 0) + by;
    if (held > 0) this.#blocked.set(link, held);
    else this.#blocked.delete(link);
    this.#hub.weather = { ...this.#hub.weather, blocked: new Set(this.#blocked.keys()) };
  }

  #weather(name: Fault, change: { loss?: number; duplicates?: number; maxDelay?: number }): undefined {
    this.#hub.weather = { ...this.#hub.weather, ...change };
    const mended = Object.fromEntries(
      Object.keys(change).map((key) => [key, FAIR[key as keyof typeof FAIR]]),
    );
    this.#later(name, this.#rng.int(300, 3000), () => {
      this.#hub.weather = { ...this.#hub.weather, ...mended };
    });
  }

  /** Whatever one node says comes late: its vertices get few children, and its anchors few votes. */
  #lag(): undefined {
    const machine = this.#one(() => true);
    if (!machine) return;
    const late = (ms: number | undefined) => {
      const all = new Map(this.#hub.weather.late);
      if (ms === undefined) all.delete(machine.id);
      else all.set(machine.id, ms);
      this.#hub.weather = { ...this.#hub.weather, late: all };
    };
    late(this.#rng.int(50, 1000));
    this.#later(`lag ${machine.id}`, this.#rng.int(1000, 6000), () => late(undefined));
  }

  #slowDisk(): undefined {
    const machine = this.#one(() => true);
    if (!machine) return;
    machine.slowestMs = this.#rng.int(20, 400);
    this.#later(`disk ${machine.id}`, this.#rng.int(500, 4000), () => {
      machine.slowestMs = QUICK_DISK_MS;
    });
  }

  /** Clocks step, also backwards. */
  #skew(): undefined {
    const machine = this.#one(() => true);
    if (machine) machine.skewMs = this.#rng.int(-MAX_SKEW_MS, MAX_SKEW_MS);
  }

  /** The time of day of one machine is set wrong by up to minutes, and right again later. */
  #step(): boolean {
    // one machine more than seats
    const full = this.#wrong.size >= Math.floor((this.#machines.length - 2) / 3);
    const machine = this.#one((one) => !full || this.#wrong.has(one));
    if (!machine) return false;
    this.#wrong.add(machine);
    machine.skewMs = this.#rng.int(-MAX_STEP_MS, MAX_STEP_MS);
    this.#later(`clock ${machine.id}`, this.#rng.int(500, 6000), () => {
      machine.skewMs = this.#rng.int(-MAX_SKEW_MS, MAX_SKEW_MS);
    });
    return true;
  }

  /** A Byzantine node changes what it does. */
  #turncoat(): boolean {
    const machine = this.#one(({ byzantine }) => byzantine);
    machine?.start();
    if (!machine?.bent) return false;
    machine.bent.misdeeds.clear();
    for (const misdeed of MISDEEDS) if (this.#rng.chance(0.4)) machine.bent.misdeeds.add(misdeed);
    const victims = this.#machines.filter(() => this.#rng.chance(0.4));
    machine.bent.victims = new Set(victims.map(({ id }) => id));
    return true;
  }

  #one(fits: (machine: Machine) => boolean): Machine | undefined {
    const able = this.#machines.filter(fits);
    return able[this.#rng.int(0, able.length - 1)];
  }

  #later(name: string, ms: number, mend: () => void): void {
    const once = () => {
      if (this.#mends.get(name) !== once) return;
      this.#mends.delete(name);
      mend();
    };
    this.#mends.set(name, once);
    this.#clock.after(ms, once);
  }
}
