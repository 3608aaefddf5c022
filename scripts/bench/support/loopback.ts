import type { Metrics } from "#node/interface/metrics.ts";
import { createNetwork } from "#node/network/network.ts";
import { networkSeed } from "./committee.ts";
import { SILENT } from "./silent.ts";

/** The network of node `self` of a bench, on a free port of loopback. Not started. */
export function loopbackNetwork(self: number, metrics: Metrics) {
  const listen = ["/ip4/127.0.0.1/tcp/0"];
  return createNetwork({ self, networkSeed: networkSeed(self), listen, logger: SILENT, metrics });
}

/** The first of its addresses as the L2 has it: without the peer's id. */
export function endpointOf([first = ""]: readonly string[]): string {
  return first.replace(/\/p2p\/.*$/, "");
}
