/** Traffic classes: one long-lived stream per peer and channel. */
export const CHANNELS = ["consensus", "batch", "sync", "tx", "probe"] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * Codes with which a request is refused that honest peers send too: they are in an epoch that we are not in, or know of a
 * committee that we are not in yet or no more. The refusal is no blame.
 */
export const HONEST_REFUSALS: ReadonlySet<string> = new Set([
  "ERR_NOT_MEMBER",
  "ERR_EPOCH_FOREIGN",
  "ERR_BATCH_UNKNOWN",
  "ERR_TAG_UNKNOWN",
  "ERR_NO_HANDLER",
  "ERR_NOT_STARTED",
]);

/** A peer as the L2 registry names it. */
export interface PeerRecord {
  nodeId: number;
  /** Ed25519, 32 bytes: the libp2p identity */
  networkKey: Uint8Array;
  /** multiaddrs, most preferred first */
  addresses: string[];
}

/**
 * Authenticated messages between registered nodes. Messages of unknown peers never reach a handler.
 * Bytes are hostile until parsed, whoever sent them; one message has at most MAX_MESSAGE_BYTES bytes.
 */
export interface Network {
  readonly self: number;
  /** Replaces the set of peers to keep connected to. Of several with one network key the lowest nodeId is kept. */
  setPeers(peers: readonly PeerRecord[]): void;
  /** nodeIds with a live connection */
  connected(): number[];
  /**
   * Fire and forget, in order while connected; false when the peer is not connected or its queue is full
   * (then the message is dropped and counted, and protocols retry by themselves).
   */
  send(to: number, channel: Channel, message: Uint8Array): boolean;
  /** @throws ERR_PEER_UNREACHABLE, ERR_REQUEST_TIMEOUT, ERR_REQUEST_REFUSED (the remote handler threw) */
  request(
    to: number,
    channel: Channel,
    message: Uint8Array,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** One handler per channel. A handler that throws costs the message and is counted against the peer. */
  onMessage(channel: Channel, handler: (from: number, message: Uint8Array) => void | Promise<void>): void;
  /** One that throws refuses with its code, and that is counted against the peer, except for `HONEST_REFUSALS`. */
  onRequest(channel: Channel, handler: (from: number, message: Uint8Array) => Promise<Uint8Array>): void;
  onConnect(handler: (nodeId: number) => void): void;
}
