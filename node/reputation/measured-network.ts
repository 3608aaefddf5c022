import type { Channel, Network } from "#node/interface/network.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Meter } from "./meter.ts";

/** Channels on which an honest peer always has an answer, if only "none of that here". */
const COUNTED: readonly Channel[] = ["batch", "sync", "tx"];

/**
 * The network as the rest of the node uses it: whether observed peers answer counts as reached or not (REP-MEASURE). What is
 * in an answer nobody has looked at here: only samples count as answered well. A refusal is an answer: peers may be an epoch ahead.
 */
export function measuredNetwork(network: Network, meter: Meter): Network {
  return {
    self: network.self,
    setPeers: (peers) => network.setPeers(peers),
    connected: () => network.connected(),
    send: (to, channel, message) => network.send(to, channel, message),
    onMessage: (channel, handler) => network.onMessage(channel, handler),
    onRequest: (channel, handler) => network.onRequest(channel, handler),
    onConnect: (handler) => network.onConnect(handler),
    async request(to, channel, message, options) {
      try {
        const answer = await network.request(to, channel, message, options);
        if (COUNTED.includes(channel)) meter.reach(to, true);
        return answer;
      } catch (error) {
        const silent = isFlkError(error, "ERR_PEER_UNREACHABLE") || isFlkError(error, "ERR_REQUEST_TIMEOUT");
        if (COUNTED.includes(channel) && silent && !options.signal?.aborted) meter.reach(to, false);
        throw error;
      }
    },
  };
}
