import type { Channel } from "#node/interface/network.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

interface RateLimits {
  /** messages and requests */
  messages: Rate;
  bytes: Rate;
}

const MIB = 1024 * 1024;

/**
 * What one peer may say on each channel: several times what an honest one says in a committee under full load
 * (docs/operations/network-limits.md).
 */
const RATE_LIMITS: Record<Channel, RateLimits> = {
  consensus: {
    messages: { perSecond: 2_000, burst: 4_000 },
    bytes: { perSecond: 16 * MIB, burst: 32 * MIB },
  },
  batch: { messages: { perSecond: 2_000, burst: 4_000 }, bytes: { perSecond: 64 * MIB, burst: 64 * MIB } },
  sync: { messages: { perSecond: 200, burst: 400 }, bytes: { perSecond: 4 * MIB, burst: 8 * MIB } },
  tx: { messages: { perSecond: 500, burst: 1_000 }, bytes: { perSecond: 32 * MIB, burst: 32 * MIB } },
  probe: { messages: { perSecond: 20, burst: 40 }, bytes: { perSecond: MIB / 64, burst: MIB / 32 } },
};
/** What is refused costs as many messages more, so that garbage comes through at a fraction of the rate. */
const PENALTY = 31;

/** Slows one peer on one channel down. What is over the limit waits: with its sender, once the window is full. */
export class RateLimiter {
  #messages: TokenBucket;
  #bytes: TokenBucket;

  constructor(limits: RateLimits, now: number) {
    this.#messages = new TokenBucket(limits.messages, now);
    this.#bytes = new TokenBucket(limits.bytes, now);
  }

  /** 0 and taken, or ms to wait before asking again. */
  take(bytes: number, now: number): number {
    const wait = Math.max(this.#messages.wait(1, now), this.#bytes.wait(bytes, now));
    if (wait > 0) return wait;
    this.#messages.charge(1, now);
    this.#bytes.charge(bytes, now);
    return 0;
  }

  /** The last one was garbage. */
  penalise(now: number): void {
    this.#messages.charge(PENALTY, now);
  }
}

/** One limiter per peer and channel, kept over connections: a new one brings no new burst. */
export class PeerLimiters {
  #byPeer = new Map<number, Map<Channel, RateLimiter>>();

  of(nodeId: number, channel: Channel, now: number): RateLimiter {
    const channels = this.#byPeer.get(nodeId) ?? new Map<Channel, RateLimiter>();
    this.#byPeer.set(nodeId, channels);
    const limiter = channels.get(channel) ?? new RateLimiter(RATE_LIMITS[channel], now);
    channels.set(channel, limiter);
    return limiter;
  }

  /** Forgets those that are peers no longer. */
  keep(isPeer: (nodeId: number) => boolean): void {
    for (const nodeId of this.#byPeer.keys()) if (!isPeer(nodeId)) this.#byPeer.delete(nodeId);
  }
}
