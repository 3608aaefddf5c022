import type { Network } from "#node/interface/network.ts";
import { type ChannelMux, channelMux } from "./channel-mux.ts";

/** Channel "sync": tags below 0x80 belong to the chain, from 0x80 to consensus. */
export function createSyncMux(network: Network): ChannelMux {
  return channelMux(network, "sync");
}
