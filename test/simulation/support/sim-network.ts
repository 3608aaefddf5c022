import type { Clock } from "#node/interface/clock.ts";
import type { Channel, Network } from "#node/interface/network.ts";
import { errorCode, FlkError } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";
import { Slab } from "#test/node/support/slab.ts";
import type { SimProcess } from "./sim-process.ts";

export interface Weather {
  /** ms, one way; every message has its own, so that they overtake each other */
  minDelay: number;
  maxDelay: number;
  /** probability that a message is lost */
  loss: number;
  /** probability that a message comes twice */
  duplicates?: number;
  /** nodes that nobody reaches */
  cut: ReadonlySet<number>;
  /** one-way links that carry nothing, as `linkId` names them */
  blocked?: ReadonlySet<number>;
  /** nodes whose messages all take so much longer, ms */
  late?: ReadonlyMap<number, number>;
}

/** Names the way from one node to another. */
export function linkId(from: number, to: number): number {
  return from * 65_536 + to;
}

const NOTHING = new Uint8Array(0);

/** Sees every message that leaves a node. */
export type Observer = (from: number, channel: Channel, message: Uint8Array) => void;

/** Carries messages between the running processes as the weather allows. */
export class SimHub {
  weather: Weather = { minDelay: 1, maxDelay: 20, loss: 0, cut: new Set() };
  refusals = new Map<string, number>();
  #clock: Clock;
  #rng: Rng;
  #observe: Observer;
  #members = new Map<number, SimNetwork>();
  /** second processes of members: what comes to one comes to both, and the first answers */
  #seconds = new Map<number, SimNetwork>();
  #copies = new Slab();
  #last: { sent: Uint8Array; arrives: Uint8Array } = { sent: NOTHING, arrives: NOTHING };

  constructor(clock: Clock, rng: Rng, observe: Observer) {
    this.#clock = clock;
    this.#rng = rng;
    this.#observe = observe;
  }

  /** `second`: beside a process of the same node that runs */
  join(self: number, process: SimProcess, second = false): Network {
    const network = new SimNetwork(this, self, process);
    (second ? this.#seconds : this.#members).set(self, network);
    for (const other of this.#members.keys()) {
      if (other === self) continue;
      this.carry(self, other, () => this.#members.get(other)?.connects(self));
      this.carry(other, self, () => network.connects(other));
    }
    return network;
  }

  at(nodeId: number): SimNetwork | undefined {
    const network = this.#members.get(nodeId);
    return network?.process.alive ? network : undefined;
  }

  deliver(from: number, to: number, channel: Channel, message: Uint8Array): void {
    for (const processes of [this.#members, this.#seconds]) {
      const remote = processes.get(to);
      if (!remote?.process.alive) continue;
      try {
        const handled = remote.messages.get(channel)?.(from, message);
        if (handled) handled.catch((error) => this.refused(error));
      } catch (error) {
        this.refused(error);
      }
    }
  }

  ids(): number[] {
    return [...this.#members.keys()];
  }

  /** What arrives of a message; one that is sent to many is copied once. */
  sees(from: number, channel: Channel, message: Uint8Array): Uint8Array {
    if (message.length > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${message.length} bytes`);
    this.#observe(from, channel, message);
    const { sent, arrives } = this.#last;
    if (sent === message) return arrives;
    if (Buffer.compare(sent, arrives) !== 0) {
      throw new Error("somebody wrote into a message that was on its way");
    }
    this.#last = { sent: message, arrives: this.#copies.copy(message) };
    return this.#last.arrives;
  }

  refused(error: unknown): void {
    const code = errorCode(error);
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  carry(from: number, to: number, arrive: () => void): void {
    const { minDelay, maxDelay, loss, cut, blocked, late, duplicates = 0 } = this.weather;
    const delay = this.#rng.int(minDelay, maxDelay) + (late?.get(from) ?? 0);
    if (this.#rng.chance(loss) || cut.has(from) || cut.has(to) || blocked?.has(linkId(from, to))) return;
    this.#clock.after(delay, arrive);
    if (duplicates > 0 && this.#rng.chance(duplicates)) {
      this.#clock.after(delay + this.#rng.int(0, maxDelay), arrive);
    }
  }

  /** A link is there again, as after a lost connection. */
  reconnect(from: number, to: number): void {
    this.carry(from, to, () => this.#members.get(to)?.connects(from));
  }
}

export class SimNetwork implements Network {
  readonly self: number;
  readonly process: SimProcess;
  #hub: SimHub;
  readonly messages = new Map<Channel, (from: number, message: Uint8Array) => void | Promise<void>>();
  readonly requests = new Map<Channel, (from: number, message: Uint8Array) => Promise<Uint8Array>>();
  #connects: ((nodeId: number) => void)[] = [];

  constructor(hub: SimHub, self: number, process: SimProcess) {
    this.#hub = hub;
    this.self = self;
    this.process = process;
  }

  setPeers(): void {}

  connected(): number[] {
    return this.#hub.ids().filter((id) => id !== this.self && this.#hub.at(id));
  }

  connects(nodeId: number): void {
    if (this.process.alive) for (const handler of this.#connects) handler(nodeId);
  }

  send(to: number, channel: Channel, message: Uint8Array): boolean {
    if (!this.process.alive) return false;
    const copy = this.#hub.sees(this.self, channel, message);
    this.#hub.carry(this.self, to, () => this.#hub.deliver(this.self, to, channel, copy));
    return true;
  }

  request(
    to: number,
    channel: Channel,
    message: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    if (!this.process.alive) return new Promise(() => undefined);
    const copy = this.#hub.sees(this.self, channel, message);
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs } = options;
      const fail = (code: string) => settle(() => reject(new FlkError(code, "the request failed", { to })));
      const abort = () => fail("ERR_ABORTED");
      const cancel = this.process.after(timeoutMs, () => fail("ERR_REQUEST_TIMEOUT"));
      // a signal that depends on others is kept, with all that listens to it, until nobody does
      const deafen = () => signal?.removeEventListener("abort", abort);
      const stay = this.process.atEnd(deafen);
      const settle = (how: () => void) => {
        cancel();
        stay();
        deafen();
        how();
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      this.#hub.carry(this.self, to, () => {
        const remote = this.#hub.at(to);
        const back = (answer: () => void) => {
          if (!remote?.process.alive) return;
          this.#hub.carry(to, this.self, () => {
            if (this.process.alive) answer();
          });
        };
        remote?.requests
          .get(channel)?.(this.self, copy)
          .then(
            (answer) => back(() => settle(() => resolve(this.#hub.sees(to, channel, answer)))),
            (error) => {
              this.#hub.refused(error);
              back(() => fail("ERR_REQUEST_REFUSED"));
            },
          );
      });
    });
  }

  onMessage(channel: Channel, handler: (from: number, message: Uint8Array) => void | Promise<void>): void {
    this.messages.set(channel, handler);
  }

  onRequest(channel: Channel, handler: (from: number, message: Uint8Array) => Promise<Uint8Array>): void {
    this.requests.set(channel, handler);
  }

  onConnect(handler: (nodeId: number) => void): void {
    this.#connects.push(handler);
  }
}
