import { observedBy } from "#node/transition/epoch/reputation/ring.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { World } from "./world.ts";

/** 100 requests, all answered. */
export function peer(node: number, change: Partial<PeerReport> = {}): PeerReport {
  const seen = { probes: 24, reached: 24, latencyUs: 20_000, throughput: 10_000 };
  return { node, answered: 100, failed: 0, wrong: 0, ...seen, ...change };
}

/** Whom the node observes in this epoch, ascending. */
export function observed(world: World, node: number): number[] {
  return observedBy(world.state.reputation.ring.value, node).sort((a, b) => a - b);
}

export function reportOf(
  world: World,
  node: number,
  peers: PeerReport[] = observed(world, node).map((other) => peer(other)),
  epoch: number = world.state.epoch,
): Uint8Array {
  return world.nodeTx({ kind: TX.submitReputation, body: { node, epoch, peers } });
}
