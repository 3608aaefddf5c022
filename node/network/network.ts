import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import type { Clock } from "#node/interface/clock.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { CHANNELS, type Channel, type Network, type PeerRecord } from "#node/interface/network.ts";
import type { Startable } from "#node/interface/startable.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type Blame, ChannelLink } from "./channel-link.ts";
import { NetworkCounters } from "./counters.ts";
import { Dialer } from "./dialer.ts";
import { networkError } from "./errors.ts";
import { createHost, dialAddresses, peerIdOf } from "./host.ts";
import { PeerLink } from "./peer-link.ts";
import { unreachable } from "./pending-requests.ts";
import { PeerLimiters } from "./rate-limiter.ts";
import { systemClock } from "./system-clock.ts";
import { uniqueKeys } from "./unique-keys.ts";

/** ms */
const CONNECT_TIMEOUT = 8000;
const PING_INTERVAL = 10_000;
const SILENCE_LIMIT = 35_000;
/** Two connections of one pair that are younger than this were dialled at the same time. */
const SIMULTANEOUS = 3000;
/** A connection that ended before counts as a failed dial. */
const STABLE = 10_000;

export interface NetworkOptions {
  /** nodeId */
  self: number;
  /** 32-byte Ed25519 seed */
  networkSeed: Uint8Array;
  /** multiaddrs, e.g. /ip4/0.0.0.0/tcp/4200; port 0 picks a free one */
  listen: readonly string[];
  logger: Logger;
  metrics: Metrics;
  clock?: Clock;
  /** name of the setting that ERR_PORT_IN_USE points to */
  listenOption?: string;
}

type MessageHandler = (from: number, message: Uint8Array) => void | Promise<void>;
type RequestHandler = (from: number, message: Uint8Array) => Promise<Uint8Array>;

const protocolOf = (channel: Channel) => `/flk/${channel}/1`;

class Libp2pNetwork implements Network, Startable {
  readonly self: number;
  #options: NetworkOptions;
  #clock: Clock;
  #logger: Logger;
  #counters: NetworkCounters;
  #host: Libp2p | undefined;
  #dialer: Dialer;
  #peers = new Map<number, PeerRecord>();
  #nodeIds = new Map<string, number>();
  #links = new Map<number, PeerLink>();
  /** connections without all their streams yet, by connection id */
  #opening = new Map<string, PeerLink>();
  /** nodes that are no peers because a lower nodeId has their key, and that nodeId */
  #duplicates: ReadonlyMap<number, number> = new Map();
  #limiters = new PeerLimiters();
  #timers = new Set<() => void>();
  #messageHandlers = new Map<Channel, MessageHandler>();
  #requestHandlers = new Map<Channel, RequestHandler>();
  #connectHandlers: ((nodeId: number) => void)[] = [];

  constructor(options: NetworkOptions) {
    this.self = options.self;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger;
    this.#counters = new NetworkCounters(options.metrics);
    this.#dialer = new Dialer(options.self, this.#clock, (nodeId) => this.#dial(nodeId));
  }

  async start(): Promise<void> {
    if (this.#host) return;
    const host = await createHost({
      networkSeed: this.#options.networkSeed,
      listen: this.#options.listen,
      listenOption: this.#options.listenOption ?? "network.listen",
      isAllowed: (peerId) => this.#isAllowed(peerId),
    });
    for (const channel of CHANNELS) {
      await host.handle(protocolOf(channel), (stream, connection) =>
        this.#onStream(channel, stream, connection),
      );
    }
    try {
      await host.start();
    } catch (cause) {
      throw networkError("ERR_LISTEN", `cannot listen on ${this.#options.listen.join(", ")}`, {}, { cause });
    }
    this.#host = host;
    this.#every(PING_INTERVAL, () => this.#pingAll());
    for (const nodeId of this.#peers.keys()) this.#dialer.want(nodeId);
  }

  async stop(): Promise<void> {
    const host = this.#host;
    if (!host) return;
    this.#host = undefined;
    this.#dialer.removeAll();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const link of [...this.#links.values(), ...this.#opening.values()]) link.close("the node stops");
    this.#links.clear();
    this.#opening.clear();
    this.#counters.peers.set(0);
    await host.stop();
  }

  addresses(): string[] {
    return this.#host?.getMultiaddrs().map((address) => address.toString()) ?? [];
  }

  setPeers(peers: readonly PeerRecord[]): void {
    const { kept: next, refused } = uniqueKeys(peers.filter((peer) => peer.nodeId !== this.self));
    this.#reportDuplicates(refused);
    const before = this.#peers;
    this.#peers = next;
    this.#limiters.keep((nodeId) => next.has(nodeId));
    for (const [nodeId, old] of before) {
      const now = next.get(nodeId);
      if (now && equalBytes(now.networkKey, old.networkKey)) continue;
      this.#disconnect(nodeId, "no longer a peer");
      this.#dialer.remove(nodeId);
    }
    this.#nodeIds.clear();
    for (const [nodeId, peer] of next) {
      const peerId = peerIdOf(peer.networkKey);
      if (peerId !== undefined) this.#nodeIds.set(peerId, nodeId);
      if (this.#host && !this.#links.has(nodeId)) this.#dialer.want(nodeId);
    }
  }

  #reportDuplicates(refused: ReadonlyMap<number, number>): void {
    for (const [nodeId, keeper] of refused) {
      if (this.#duplicates.get(nodeId) === keeper) continue;
      this.#counters.duplicateKeys.inc();
      this.#logger.warn("network.duplicate_key", { nodeId, keeper });
    }
    this.#duplicates = refused;
  }

  connected(): number[] {
    return [...this.#links.keys()].sort((a, b) => a - b);
  }

  send(to: number, channel: Channel, message: Uint8Array): boolean {
    return this.#links.get(to)?.channel(channel)?.send(message) ?? false;
  }

  async request(
    to: number,
    channel: Channel,
    message: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    const link = this.#links.get(to)?.channel(channel);
    if (!link) throw unreachable("no connection", { nodeId: to });
    return link.request(message, options);
  }

  onMessage(channel: Channel, handler: MessageHandler): void {
    this.#messageHandlers.set(channel, handler);
  }

  onRequest(channel: Channel, handler: RequestHandler): void {
    this.#requestHandlers.set(channel, handler);
  }

  onConnect(handler: (nodeId: number) => void): void {
    this.#connectHandlers.push(handler);
  }

  /** Bytes that wait to be sent to a peer. */
  queuedBytes(to: number): number {
    const link = this.#links.get(to);
    return CHANNELS.reduce((sum, channel) => sum + (link?.channel(channel)?.queuedBytes ?? 0), 0);
  }

  #every(ms: number, action: () => void): void {
    let cancel = () => {};
    const run = () => {
      this.#timers.delete(cancel);
      cancel = this.#clock.after(ms, () => {
        action();
        if (this.#host) run();
      });
      this.#timers.add(cancel);
    };
    run();
  }

  #pingAll(): void {
    for (const link of [...this.#links.values()]) {
      if (this.#clock.elapsed() - link.lastReceived() > SILENCE_LIMIT) {
        this.#counters.blame(link.nodeId, "silent");
        this.#drop(link, "silent");
      } else {
        link.ping();
      }
    }
    for (const link of [...this.#opening.values()]) {
      if (this.#clock.elapsed() - link.openedAt > CONNECT_TIMEOUT) this.#drop(link, "opened too few streams");
    }
  }

  #isAllowed(peerId: string): boolean {
    if (this.#nodeIds.has(peerId)) return true;
    this.#counters.refused.inc();
    this.#logger.debug("network.refused", { peerId });
    return false;
  }

  async #dial(nodeId: number): Promise<void> {
    const host = this.#host;
    const peer = this.#peers.get(nodeId);
    const peerId = peer && peerIdOf(peer.networkKey);
    if (!host || !peer || peerId === undefined || this.#links.has(nodeId)) return;
    const signal = AbortSignal.timeout(CONNECT_TIMEOUT);
    let link: PeerLink | undefined;
    try {
      const addresses = dialAddresses(peer.addresses, peerId);
      if (addresses.length === 0) throw unreachable("it has no address that can be dialled", { nodeId });
      const connection = await host.dial(addresses, { force: true, signal });
      link = new PeerLink(nodeId, connection, this.#clock.elapsed());
      this.#opening.set(connection.id, link);
      for (const channel of CHANNELS) {
        // negotiated in full, so that a peer that refuses us shows here and not in the middle of a message
        const stream = await connection.newStream(protocolOf(channel), { negotiateFully: true, signal });
        if (!link.add(this.#channelLink(link, channel, stream))) throw unreachable("it closed", { nodeId });
      }
      this.#activate(link);
    } catch (error) {
      if (link) this.#drop(link, "dial failed");
      this.#counters.dialFailures.inc();
      this.#logger.debug("network.dial_failed", { nodeId, reason: String(error) });
      throw error;
    }
  }

  #onStream(channel: Channel, stream: Stream, connection: Connection): void {
    const nodeId = this.#nodeIds.get(connection.remotePeer.toString());
    if (nodeId === undefined || !this.#host) {
      connection.abort(new Error("not a peer"));
      return;
    }
    const link = this.#opening.get(connection.id) ?? new PeerLink(nodeId, connection, this.#clock.elapsed());
    if (
      !link.add(this.#channelLink(link, channel, stream)) ||
      this.#links.get(nodeId)?.connection === connection
    ) {
      this.#drop(link, "a second stream for one channel");
      return;
    }
    this.#opening.set(connection.id, link);
    if (link.complete) this.#activate(link);
  }

  #channelLink(link: PeerLink, channel: Channel, stream: Stream): ChannelLink {
    const { nodeId } = link;
    const counters = this.#counters.channel(channel);
    const limiter = this.#limiters.of(nodeId, channel, this.#clock.elapsed());
    return new ChannelLink(channel, stream, this.#clock, limiter, {
      onMessage: (message) => this.#messageHandlers.get(channel)?.(nodeId, message),
      onRequest: async (message) => {
        const handler = this.#requestHandlers.get(channel);
        if (!handler) throw networkError("ERR_NO_HANDLER", `nothing answers on ${channel}`);
        return handler(nodeId, message);
      },
      onReceived: (bytes) => {
        counters.messagesIn.inc();
        counters.bytesIn.inc(bytes);
      },
      onSent: (bytes) => {
        counters.messagesOut.inc();
        counters.bytesOut.inc(bytes);
      },
      onDropped: () => counters.dropped.inc(),
      onLimited: () => this.#counters.limited(nodeId, channel),
      onBlame: (reason, error) => {
        this.#counters.blame(nodeId, reason);
        const said = error instanceof Error ? error.message : "";
        this.#logger.debug("network.blamed", {
          nodeId,
          channel,
          code: error === undefined ? null : errorCode(error),
          reason,
          said,
        });
      },
      onBroken: (reason, error) => this.#broken(link, reason, error),
    });
  }

  #broken(link: PeerLink, reason: Blame | "closed", error: Error | undefined): void {
    if (reason !== "closed") {
      this.#counters.blame(link.nodeId, reason);
      this.#logger.warn("network.peer_misbehaved", { nodeId: link.nodeId, reason });
    }
    this.#drop(link, error ? `${reason}: ${error.message}` : reason);
  }

  #activate(link: PeerLink): void {
    const { nodeId } = link;
    this.#opening.delete(link.connection.id);
    const present = this.#links.get(nodeId);
    if (present && this.#prefers(present, link)) {
      link.close("a better connection exists");
      return;
    }
    this.#links.set(nodeId, link);
    present?.close("replaced by a newer connection");
    this.#dialer.remove(nodeId);
    this.#counters.peers.set(this.#links.size);
    this.#logger.info("network.connected", { nodeId, outbound: link.outbound });
    for (const handler of this.#connectHandlers) handler(nodeId);
    link.activate();
  }

  /**
   * Both sides decide alike: of two connections made at the same time the one that the lower nodeId dialled stays;
   * otherwise the newer one, because its dialler has lost the older.
   */
  #prefers(present: PeerLink, other: PeerLink): boolean {
    const simultaneous = Math.abs(other.openedAt - present.openedAt) < SIMULTANEOUS;
    const dialledByLower = (link: PeerLink) => link.outbound === this.self < link.nodeId;
    return simultaneous && dialledByLower(present) && !dialledByLower(other);
  }

  #disconnect(nodeId: number, reason: string): void {
    const link = this.#links.get(nodeId);
    if (link) this.#drop(link, reason);
    for (const opening of [...this.#opening.values()]) {
      if (opening.nodeId === nodeId) this.#drop(opening, reason);
    }
  }

  #drop(link: PeerLink, reason: string): void {
    const { nodeId } = link;
    this.#opening.delete(link.connection.id);
    link.close(reason);
    if (this.#links.get(nodeId) !== link) return;
    this.#links.delete(nodeId);
    this.#counters.peers.set(this.#links.size);
    this.#logger.info("network.disconnected", { nodeId, reason });
    if (!this.#host || !this.#peers.has(nodeId)) return;
    const lived = this.#clock.elapsed() - link.openedAt;
    this.#dialer.want(nodeId, lived < STABLE ? 3 : 0);
  }
}

/**
 * Authenticated messages between registered nodes over libp2p: TCP, TLS or noise, yamux. Nothing is sent before
 * `start`; peers given before are dialled then. The system clock is used unless one is given.
 * `start` @throws ERR_PORT_IN_USE naming port and option, ERR_LISTEN, ERR_NETWORK_KEY
 */
export function createNetwork(
  options: NetworkOptions,
): Network & Startable & { addresses(): string[]; queuedBytes(to: number): number } {
  return new Libp2pNetwork(options);
}
