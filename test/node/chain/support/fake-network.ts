import type { Channel, Network, PeerRecord } from "#node/interface/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const LATENCY_MS = 5;

/** Changes what `from` answers to requests of `to`. */
export type Tamper = (answer: Uint8Array, channel: Channel, request: Uint8Array, to: number) => Uint8Array;

/** A network in one process: authenticated, with latency; nodes come and go. */
export class FakeHub {
  readonly nodes = new Map<number, FakeNetwork>();
  readonly tampers = new Map<number, Tamper>();
  /** nodes that let requests time out */
  readonly mute = new Set<number>();
  /** requests, by "from/to" */
  readonly asked = new Map<string, number>();
  largest = 0;
  /** sees every message that is sent */
  observe: (from: number, to: number, channel: Channel, message: Uint8Array) => void = () => undefined;
  readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  /** second copies of nodes: they are connected, too, and hear what the first hears */
  readonly copies = new Set<FakeNetwork>();

  copy(nodeId: number): FakeNetwork {
    const network = new FakeNetwork(this, nodeId);
    this.copies.add(network);
    return network;
  }

  /** Those that hear what is sent to `nodeId`. */
  ears(nodeId: number): FakeNetwork[] {
    const first = this.nodes.get(nodeId);
    return [...(first ? [first] : []), ...[...this.copies].filter(({ self }) => self === nodeId)];
  }

  join(nodeId: number): FakeNetwork {
    const network = new FakeNetwork(this, nodeId);
    this.nodes.set(nodeId, network);
    this.clock.after(LATENCY_MS, () => {
      for (const other of this.nodes.values()) {
        if (other.self === nodeId || this.nodes.get(nodeId) !== network) continue;
        other.connects(nodeId);
        network.connects(other.self);
      }
    });
    return network;
  }

  leave(nodeId: number): void {
    this.nodes.delete(nodeId);
  }

  measure(message: Uint8Array): Uint8Array {
    if (message.length > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${message.length} bytes`);
    this.largest = Math.max(this.largest, message.length);
    return new Uint8Array(message);
  }
}

export class FakeNetwork implements Network {
  readonly self: number;
  peers: readonly PeerRecord[] = [];
  #hub: FakeHub;
  readonly messages = new Map<Channel, (from: number, message: Uint8Array) => void | Promise<void>>();
  readonly requests = new Map<Channel, (from: number, message: Uint8Array) => Promise<Uint8Array>>();
  #connect: ((nodeId: number) => void)[] = [];

  constructor(hub: FakeHub, self: number) {
    this.#hub = hub;
    this.self = self;
  }

  setPeers(peers: readonly PeerRecord[]): void {
    this.peers = peers;
  }

  connected(): number[] {
    if (!this.#hub.ears(this.self).includes(this)) return [];
    return [...this.#hub.nodes.keys()].filter((node) => node !== this.self);
  }

  connects(nodeId: number): void {
    for (const handler of this.#connect) handler(nodeId);
  }

  send(to: number, channel: Channel, message: Uint8Array): boolean {
    if (!this.connected().includes(to)) return false;
    const copy = this.#hub.measure(message);
    this.#hub.observe(this.self, to, channel, copy);
    this.#hub.clock.after(LATENCY_MS, () => {
      for (const ear of this.#hub.ears(to)) {
        const handler = ear.messages.get(channel);
        // a handler that throws, at once or later, costs the message
        const handled = async () => handler?.(this.self, copy);
        handled().catch(() => undefined);
      }
    });
    return true;
  }

  request(
    to: number,
    channel: Channel,
    message: Uint8Array,
    options = { timeoutMs: 5_000 },
  ): Promise<Uint8Array> {
    const hub = this.#hub;
    const copy = hub.measure(message);
    const way = `${this.self}/${to}`;
    hub.asked.set(way, (hub.asked.get(way) ?? 0) + 1);
    return new Promise((resolve, reject) => {
      if (hub.mute.has(to)) {
        hub.clock.after(options.timeoutMs, () => reject(new FlkError("ERR_REQUEST_TIMEOUT", "mute", { to })));
        return;
      }
      hub.clock.after(LATENCY_MS, () => {
        const remote = hub.nodes.get(to);
        const handler = this.connected().includes(to) ? remote?.requests.get(channel) : undefined;
        if (!handler) {
          reject(new FlkError("ERR_PEER_UNREACHABLE", "not connected", { to }));
          return;
        }
        handler(this.self, copy).then(
          (answer) => {
            const given = hub.tampers.get(to)?.(answer, channel, copy, this.self) ?? answer;
            hub.clock.after(LATENCY_MS, () => resolve(hub.measure(given)));
          },
          () => reject(new FlkError("ERR_REQUEST_REFUSED", "the handler threw", { to })),
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
    this.#connect.push(handler);
  }
}
