import type { Connection } from "@libp2p/interface";
import { CHANNELS, type Channel } from "#node/interface/network.ts";
import type { ChannelLink } from "./channel-link.ts";

/** One connection to one peer with a stream per channel; live once it has all of them. */
export class PeerLink {
  readonly nodeId: number;
  readonly connection: Connection;
  /** whether this node dialled */
  readonly outbound: boolean;
  readonly openedAt: number;
  #channels = new Map<Channel, ChannelLink>();
  #closed = false;

  constructor(nodeId: number, connection: Connection, openedAt: number) {
    this.nodeId = nodeId;
    this.connection = connection;
    this.outbound = connection.direction === "outbound";
    this.openedAt = openedAt;
  }

  /** False when it has this channel already. */
  add(link: ChannelLink): boolean {
    if (this.#closed || this.#channels.has(link.channel)) return false;
    this.#channels.set(link.channel, link);
    return true;
  }

  get complete(): boolean {
    return this.#channels.size === CHANNELS.length;
  }

  channel(channel: Channel): ChannelLink | undefined {
    return this.#channels.get(channel);
  }

  activate(): void {
    for (const link of this.#channels.values()) link.activate();
  }

  ping(): void {
    for (const link of this.#channels.values()) link.ping();
  }

  /** Unix ms of the last bytes from the peer */
  lastReceived(): number {
    return Math.max(this.openedAt, ...[...this.#channels.values()].map((link) => link.lastReceived));
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const link of this.#channels.values()) link.close();
    this.connection.abort(new Error(reason));
  }
}
