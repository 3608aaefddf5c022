import { join } from "node:path";
import { createChain } from "#node/chain/chain.ts";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { rememberSignatures } from "#node/chain/support/remembered-signatures.ts";
import { createDelivery } from "#node/delivery/delivery.ts";
import { createContentStore } from "#node/edge/content-store.ts";
import { createEdge } from "#node/edge/server.ts";
import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Startable } from "#node/interface/startable.ts";
import type { OpenKeystore } from "#node/keys/keystore.ts";
import { createL2Poster } from "#node/l2/poster.ts";
import { createL2Reader } from "#node/l2/reader.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import { createMetricsServer } from "#node/metrics/server.ts";
import { createNetwork } from "#node/network/network.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { createRpc } from "#node/rpc/server.ts";
import { failStop } from "#node/store/fail-stop.ts";
import { openStore } from "#node/store/level-store.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { contentDir } from "../actions/content.ts";
import type { Home } from "../config/home.ts";
import { l2Source } from "../config/l2-source.ts";
import type { Config } from "../config/schema.ts";
import { VERSION } from "../version.ts";
import { corruptSome } from "./corrupt.ts";
import { measuring } from "./measure.ts";
import { Parts } from "./parts.ts";
import { placeOf } from "./place.ts";
import { statusPage } from "./status-page.ts";

export interface NodeOptions {
  home: Home;
  config: Config;
  keys: OpenKeystore;
  /** of this node on the L2 */
  nodeId: number;
  logger: Logger;
  /** of what it serves, is spoiled on purpose; absent or 0: nothing */
  corruptPercent?: number | undefined;
  /** the node must stop */
  onFatal(error: unknown): void;
}

/** A node: `listening` resolves once its sockets are open, `start` once it takes part in the chain. */
export interface ComposedNode extends Startable {
  listen(): Promise<void>;
}

function timing({ consensus }: Config): ConsensusTiming {
  return {
    ...DEFAULT_TIMING,
    ...(consensus.min_header_delay_ms !== undefined && { minHeaderDelayMs: consensus.min_header_delay_ms }),
    ...(consensus.max_header_delay_ms !== undefined && { maxHeaderDelayMs: consensus.max_header_delay_ms }),
    ...(consensus.max_batch_delay_ms !== undefined && { maxBatchDelayMs: consensus.max_batch_delay_ms }),
  };
}

/** What lies under the chain: disk, L2, other nodes, figures. */
async function openAdapters({ home, config, keys, nodeId: self, logger, onFatal }: NodeOptions) {
  const source = l2Source(config.l2);
  const { rpcUrls, chainId, fromBlock } = source;
  const { settlement } = source.contracts;
  const metrics = createMetrics({ process: true });
  const database = await openStore({ dataDir: join(home.data, "store"), protectionDir: home.protection });
  const store = failStop(database, onFatal);
  const l2 = createL2Reader({ ...source, store, logger, metrics, onFatal });
  const privateKey = keys.owner?.privateKey;
  const toL2 = { rpcUrls, chainId, fromBlock, settlement, logger };
  const poster = privateKey ? createL2Poster({ ...toL2, privateKey }) : undefined;
  const { networkSeed } = keys;
  const { listen } = config.pool;
  const network = createNetwork({ self, networkSeed, listen, logger, metrics, listenOption: "pool.listen" });
  const context = networkContext(chainId, settlement);
  return {
    database,
    l2,
    poster,
    network,
    common: { context, self, store, clock: systemClock, logger, metrics },
  };
}
type Adapters = Awaited<ReturnType<typeof openAdapters>>;

/** What runs on the adapters: the chain, and what serves clients by it. */
async function createServices(options: NodeOptions, { common, l2, poster, network }: Adapters) {
  const { home, config, keys, onFatal } = options;
  const measured = measuring(network, common.clock);
  const signatures = rememberSignatures(signatureVerifier);
  const place = await placeOf(join(home.protection, "leveldb"));
  const chain = createChain({
    ...common,
    signers: [keys.consensus, ...keys.rotated],
    verifier: blsVerifier,
    signatures,
    network: measured.network,
    l2,
    ...(poster && { poster }),
    timing: timing(config),
    posterStepMs: config.l2.poster_step_seconds * 1_000,
    doppelganger: { windowMs: config.consensus.doppelganger_seconds * 1_000, ...(place && { place }) },
    createConsensus: createEpochConsensus,
    onFatal,
  });
  const { host, port, max_runs: maxRuns } = config.handshake;
  const minPrices = [config.handshake.min_bandwidth_price, config.handshake.min_compute_price].map(BigInt);
  const serving = { ...common, signer: keys.network, chain, pool: chain, minPrices };
  const delivery = createDelivery({ ...serving, signatures });
  const stored = await createContentStore({ dir: contentDir(home, config) });
  const content = options.corruptPercent ? corruptSome(stored, options.corruptPercent, Math.random) : stored;
  const edge = createEdge({
    ...serving,
    host,
    port,
    portOption: "handshake.port",
    content,
    delivery,
    maxRuns,
  });
  const reputation = measured.part({ ...serving, network, content });
  return { chain, delivery, edge, reputation };
}

/**
 * Wires a node from its configuration. Start order: store, L2, network, RPC and metrics; then the chain (which waits
 * for the start of the network on the L2), delivery and the edge. Stop is the reverse.
 * @throws ERR_STORE_LOCKED, ERR_CONTENT_STORE
 */
export async function composeNode(options: NodeOptions): Promise<ComposedNode> {
  const { config, logger } = options;
  const adapters = await openAdapters(options);
  const { database, l2, network } = adapters;
  const { metrics } = adapters.common;
  const { chain, delivery, edge, reputation } = await createServices(options, adapters);
  let waitsFor: string | undefined = "waiting for the network to start on the L2";
  const notReady = (): string | undefined =>
    waitsFor ?? (l2.unreachableSince() === undefined ? chain.behind() : "the L2 does not answer");
  const rpc = createRpc({
    ...{ ...config.rpc, chain, pool: chain, evidence: delivery, notReady, version: VERSION, logger, metrics },
  });
  const status = statusPage({ chain, self: options.nodeId, version: VERSION, notReady });
  const server = createMetricsServer({ ...config.metrics, metrics, status });
  const parts = new Parts();
  return {
    listen: () => parts.start(database, l2, network, rpc, server),
    async start() {
      await parts.start(chain, delivery, edge, reputation);
      waitsFor = undefined;
    },
    async stop() {
      waitsFor = "stopping";
      await parts.stop();
    },
  };
}
