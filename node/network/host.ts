import { createServer } from "node:net";
import { generateKeyPairFromSeed, publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { Libp2p } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { peerIdFromPublicKey } from "@libp2p/peer-id";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { networkError } from "./errors.ts";
import { WINDOW_BYTES } from "./outbox.ts";

const MAX_ADDRESSES = 8;
const MAX_CONNECTIONS = 2048;
/** New connections per second from one address: several nodes may share one. */
const INBOUND_PER_SECOND = 64;

/** libp2p peer id of an Ed25519 key of 32 bytes; undefined when it is none. */
export function peerIdOf(networkKey: Uint8Array): string | undefined {
  try {
    const key = publicKeyFromRaw(networkKey);
    return key.type === "Ed25519" ? peerIdFromPublicKey(key).toString() : undefined;
  } catch {
    return undefined;
  }
}

/** Addresses that can be dialled, bound to the peer id, so that nobody else may answer. Others are left out. */
export function dialAddresses(addresses: readonly string[], peerId: string): Multiaddr[] {
  const out: Multiaddr[] = [];
  for (const text of addresses.slice(0, MAX_ADDRESSES)) {
    try {
      const bare = text.replace(/\/p2p\/[^/]*$/, "");
      const names = multiaddr(bare)
        .getComponents()
        .map((component) => component.name);
      if (names.length !== 2 || names[1] !== "tcp") continue;
      out.push(multiaddr(`${bare}/p2p/${peerId}`));
    } catch {
      // the registry holds what operators wrote; a bad address only makes its own node unreachable
    }
  }
  return out;
}

async function assertPortFree(address: string, option: string): Promise<void> {
  const components = multiaddr(address).getComponents();
  const host = components.find((component) => component.name.startsWith("ip"))?.value;
  const port = Number(components.find((component) => component.name === "tcp")?.value ?? 0);
  if (port === 0) return;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      const code = inUse ? "ERR_PORT_IN_USE" : "ERR_LISTEN";
      const message = inUse
        ? `port ${port} is in use; choose another with ${option}`
        : `cannot listen on ${address}`;
      reject(networkError(code, message, { port, option }, { cause: error }));
    });
    server.listen(port, host, () => resolve());
  });
  await new Promise((resolve) => server.close(resolve));
}

/** TCP, TLS or noise, yamux; nothing else runs on it: no discovery, no identify. Not started. */
export async function createHost(options: {
  networkSeed: Uint8Array;
  listen: readonly string[];
  /** said in ERR_PORT_IN_USE */
  listenOption: string;
  isAllowed: (peerId: string) => boolean;
}): Promise<Libp2p> {
  const { networkSeed, listen, listenOption, isAllowed } = options;
  if (networkSeed.length !== 32) throw networkError("ERR_NETWORK_KEY", "the network seed has 32 bytes");
  for (const address of listen) await assertPortFree(address, listenOption);
  return createLibp2p({
    privateKey: await generateKeyPairFromSeed("Ed25519", networkSeed),
    start: false,
    addresses: { listen: [...listen] },
    transports: [tcp({ dialOpts: { noDelay: true }, listenOpts: { noDelay: true } })],
    connectionEncrypters: [tls(), noise()],
    streamMuxers: [
      yamux({
        maxInboundStreams: 32,
        maxOutboundStreams: 32,
        // the acks bound what is in flight to WINDOW_BYTES; the rest is room for acks and pings
        streamOptions: { maxReadBufferLength: 2 * WINDOW_BYTES, maxWriteBufferLength: 2 * WINDOW_BYTES },
      }),
    ],
    connectionGater: {
      denyInboundEncryptedConnection: (peerId) => !isAllowed(peerId.toString()),
      denyOutboundEncryptedConnection: (peerId) => !isAllowed(peerId.toString()),
    },
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      inboundConnectionThreshold: INBOUND_PER_SECOND,
      maxIncomingPendingConnections: 128,
      dialTimeout: 5000,
      addressDialTimeout: 3000,
    },
    connectionMonitor: { enabled: false },
  });
}
