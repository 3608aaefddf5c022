import type { Counter, Gauge, Metrics } from "#node/interface/metrics.ts";
import { CHANNELS, type Channel } from "#node/interface/network.ts";
import type { Blame } from "./channel-link.ts";

interface ChannelCounters {
  messagesIn: Counter;
  messagesOut: Counter;
  bytesIn: Counter;
  bytesOut: Counter;
  dropped: Counter;
}

/** Prometheus series of the network. */
export class NetworkCounters {
  readonly peers: Gauge;
  readonly refused: Counter;
  readonly dialFailures: Counter;
  readonly duplicateKeys: Counter;
  #metrics: Metrics;
  #channels = new Map<Channel, ChannelCounters>();

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.peers = metrics.gauge("flk_network_peers", "Peers with a live connection");
    this.refused = metrics.counter(
      "flk_network_refused_total",
      "Connections of unknown peers that were closed",
    );
    this.duplicateKeys = metrics.counter(
      "flk_network_duplicate_keys_total",
      "Nodes that were refused because an earlier node has their network key",
    );
    this.dialFailures = metrics.counter("flk_network_dial_failures_total", "Dials that did not connect");
    for (const channel of CHANNELS) this.#channels.set(channel, channelCounters(metrics, channel));
  }

  channel(channel: Channel): ChannelCounters {
    return this.#channels.get(channel) as ChannelCounters;
  }

  /** A peer had to wait because it says more than it may. */
  limited(nodeId: number, channel: Channel): void {
    const help = "Times that a peer was slowed down to its rate";
    this.#metrics.counter("flk_network_limited_total", help, { peer: String(nodeId), channel }).inc();
  }

  /** What a peer did wrong, by peer and reason. */
  blame(nodeId: number, reason: Blame): void {
    const help = "Misbehaviour of peers: by reason";
    this.#metrics.counter("flk_network_blame_total", help, { peer: String(nodeId), reason }).inc();
  }
}

function channelCounters(metrics: Metrics, channel: Channel): ChannelCounters {
  const messages = (direction: string) =>
    metrics.counter("flk_network_messages_total", "Messages, requests and answers", { channel, direction });
  const bytes = (direction: string) =>
    metrics.counter("flk_network_bytes_total", "Bytes of messages, requests and answers", {
      channel,
      direction,
    });
  return {
    messagesIn: messages("in"),
    messagesOut: messages("out"),
    bytesIn: bytes("in"),
    bytesOut: bytes("out"),
    dropped: metrics.counter("flk_network_dropped_total", "Messages dropped because a queue was full", {
      channel,
    }),
  };
}
