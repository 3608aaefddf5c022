import { createNodeClient } from "#indexer/sync/node-client.ts";
import { SyncServer } from "#node/chain/sync/server.ts";
import { SYNC_TAG } from "#node/chain/sync/wire.ts";
import type { Channel, Network } from "#node/interface/network.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { RemoteChain } from "./remote-chain.ts";

interface Peer {
  remote: RemoteChain;
  server: SyncServer;
}

/**
 * Nodes that are asked by JSON-RPC, as the peers of a chain that only follows: peer i is the i-th URL, from 1. It answers what
 * the chain asks on channel "sync"; there is nothing else to say to a node that one is not registered with.
 */
export class RpcNetwork implements Network {
  readonly self = 0;
  readonly #peers: readonly Peer[];

  constructor(urls: readonly string[], signal: AbortSignal) {
    this.#peers = urls.map((url) => {
      const remote = new RemoteChain(createNodeClient(url), signal);
      const settlements = { certificateBytes: remote.settlementBytes.bind(remote) };
      return { remote, server: new SyncServer({ blocks: remote, settlements, head: () => remote.head() }) };
    });
  }

  connected(): number[] {
    return this.#peers.map((_, at) => at + 1);
  }

  async request(to: number, channel: Channel, message: Uint8Array): Promise<Uint8Array> {
    const peer = this.#peers[to - 1];
    if (!peer || channel !== "sync")
      throw new FlkError("ERR_REQUEST_REFUSED", "this is asked of no node by RPC");
    const [tag = 0] = message;
    try {
      if (tag === SYNC_TAG.head) await peer.remote.refresh();
      return await peer.server.answer(tag, message.subarray(1));
    } catch (error) {
      throw asPeerError(error, to);
    }
  }

  send(): boolean {
    return false;
  }

  setPeers(): void {}
  onMessage(): void {}
  onRequest(): void {}
  onConnect(): void {}
}

/** The codes by which a chain tells a silent peer from a bad one. */
function asPeerError(error: unknown, peer: number): unknown {
  if (isFlkError(error, "ERR_NODE_UNREACHABLE"))
    return new FlkError("ERR_PEER_UNREACHABLE", error.message, { peer }, { cause: error });
  if (isFlkError(error, "ERR_NODE_RESPONSE"))
    return new FlkError("ERR_REQUEST_REFUSED", error.message, { peer }, { cause: error });
  return error;
}
