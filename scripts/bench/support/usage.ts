import type { Sums } from "./sums.ts";

/** Since the process started. */
export interface Usage {
  /** ms as `now` gives them */
  at: number;
  /** CPU */
  seconds: number;
  /** messages, requests and answers that left over the network */
  sent: { messages: number; bytes: number };
  rssBytes: number;
}

/**
 * ms since the machine started, with fractions: one clock for all processes. What `performance` adds to its `timeOrigin` is not, for each
 * process takes the time of day once, when it starts, and a clock that is set afterwards leaves those before and after it apart.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function usageOf(sums: Sums): Usage {
  const { user, system } = process.cpuUsage();
  return {
    at: now(),
    seconds: (user + system) / 1e6,
    sent: {
      messages: sums.sum("flk_network_messages_total", "out"),
      bytes: sums.sum("flk_network_bytes_total", "out"),
    },
    rssBytes: process.memoryUsage.rss(),
  };
}

export function difference(
  before: readonly Usage[],
  after: readonly Usage[],
  of: (usage: Usage) => number,
): number {
  return after.reduce((sum, usage, at) => sum + of(usage) - of(before[at] as Usage), 0);
}
