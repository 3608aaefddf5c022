import type { Channel, Network } from "#node/interface/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { narwhalError } from "./narwhal/errors.ts";

/** `message` is without its tag byte. */
export interface TagHandler {
  onMessage?(from: number, tag: number, message: Uint8Array): void | Promise<void>;
  onRequest?(from: number, tag: number, message: Uint8Array): Promise<Uint8Array>;
}

/** Shares one channel of the network by the first byte of each message. */
export interface ChannelMux {
  /**
   * Takes the tags `tagFrom`..`tagTo` (inclusive); returns a function that gives them back.
   * @throws ERR_TAG_TAKEN
   */
  on(tagFrom: number, tagTo: number, handler: TagHandler): () => void;
  send(to: number, tag: number, message: Uint8Array): boolean;
  /** @throws as Network.request */
  request(
    to: number,
    tag: number,
    message: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** As Network.onConnect; returns a function that ends it. */
  onConnect(handler: (nodeId: number) => void): () => void;
  /** messages that came while nobody held their tag: peers may be an epoch ahead or behind */
  unhandled(): number;
}

export function tagged(tag: number, message: Uint8Array): Uint8Array {
  const out = new Uint8Array(message.length + 1);
  out[0] = tag;
  out.set(message, 1);
  return out;
}

/** `tagged`, which gives the same bytes again for the message that was asked for last: most go to all peers. */
function lastTagged(): typeof tagged {
  let last: { tag: number; message: Uint8Array; bytes: Uint8Array } | undefined;
  return (tag, message) => {
    if (last?.tag !== tag || last.message !== message) last = { tag, message, bytes: tagged(tag, message) };
    return last.bytes;
  };
}

interface Route {
  from: number;
  to: number;
  handler: TagHandler;
}

const muxes = new WeakMap<Network, Map<Channel, ChannelMux>>();

/** The mux of a network's channel; the same for every caller, because a channel has one handler only. */
export function channelMux(network: Network, channel: Channel): ChannelMux {
  const byChannel = muxes.get(network) ?? new Map<Channel, ChannelMux>();
  muxes.set(network, byChannel);
  const known = byChannel.get(channel);
  if (known) return known;
  const made = createMux(network, channel);
  byChannel.set(channel, made);
  return made;
}

function createMux(network: Network, channel: Channel): ChannelMux {
  const routes: Route[] = [];
  const connects = new Set<(nodeId: number) => void>();
  const outgoing = lastTagged();
  let unhandled = 0;
  const find = (tag: number | undefined) =>
    tag === undefined ? undefined : routes.find((route) => tag >= route.from && tag <= route.to)?.handler;

  network.onMessage(channel, (from, message) => {
    const tag = message[0];
    const handler = find(tag)?.onMessage;
    if (tag !== undefined && handler) return handler(from, tag, message.subarray(1));
    unhandled++;
  });
  network.onConnect((nodeId) => {
    for (const handler of connects) handler(nodeId);
  });
  network.onRequest(channel, async (from, message) => {
    const tag = message[0];
    if (tag === undefined) throw new FlkError("ERR_DECODE", "an empty request", { channel });
    const handler = find(tag)?.onRequest;
    if (!handler) throw narwhalError("ERR_TAG_UNKNOWN", "nobody answers this request here", { channel, tag });
    return handler(from, tag, message.subarray(1));
  });
  return {
    on: (tagFrom, tagTo, handler) => {
      if (routes.some((route) => tagFrom <= route.to && tagTo >= route.from)) {
        throw narwhalError("ERR_TAG_TAKEN", "these tags have a handler", { channel, tagFrom, tagTo });
      }
      const route = { from: tagFrom, to: tagTo, handler };
      routes.push(route);
      return () => {
        const at = routes.indexOf(route);
        if (at >= 0) routes.splice(at, 1);
      };
    },
    send: (to, tag, message) => network.send(to, channel, outgoing(tag, message)),
    request: (to, tag, message, options) => network.request(to, channel, outgoing(tag, message), options),
    onConnect: (handler) => {
      connects.add(handler);
      return () => connects.delete(handler);
    },
    unhandled: () => unhandled,
  };
}
