import type { NodeStanding } from "#protocol/types/reputation.ts";

/** Every field has another value, and every node another latency. */
export function standingOf(node: number): NodeStanding {
  return {
    ...{ latency: 9_000 + node, uptime: 9_100, throughput: 9_200, success: 9_300, trust: 9_400 },
    ...{ credibility: 9_500, reporters: 4, out: 0 },
  };
}
