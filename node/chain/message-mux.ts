import type { Network } from "#node/interface/network.ts";
import { type ChannelMux, channelMux } from "./channel-mux.ts";

/** Channel "consensus": tags below 0x40 belong to consensus, from 0x40 to the chain. */
export function createMessageMux(network: Network): ChannelMux {
  return channelMux(network, "consensus");
}
