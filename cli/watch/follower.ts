import { join } from "node:path";
import { createChain } from "#node/chain/chain.ts";
import { createEpochConsensus, DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import type { ClosedRecord } from "#node/chain/settlement/closed-record.ts";
import { SettlementStore } from "#node/chain/settlement/settlement-store.ts";
import type { HeadView } from "#node/interface/chain-view.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import type { Startable } from "#node/interface/startable.ts";
import { createL2Reader } from "#node/l2/reader.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { failStop } from "#node/store/fail-stop.ts";
import { openStore } from "#node/store/level-store.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { l2Source } from "../config/l2-source.ts";
import type { L2Config } from "../config/schema.ts";
import { Parts } from "../node/parts.ts";
import { RpcNetwork } from "./rpc-network.ts";

export interface FollowerOptions {
  l2: L2Config;
  /** its own folder */
  dir: string;
  /** JSON-RPC of nodes */
  nodeUrls: readonly string[];
  logger: Logger;
  metrics: Metrics;
  onFatal(error: unknown): void;
}

/** A node's chain without keys and peers: executes what nodes serve, and believes nothing that it did not compute. */
export interface ChainFollower extends Startable {
  /** What it computed of a closed epoch. */
  closed(epoch: number): Promise<ClosedRecord | undefined>;
  /** undefined before the start */
  head(): HeadView | undefined;
}

/** @throws ERR_STORE_LOCKED, ERR_STORE; from `start` as `createChain` */
export async function createFollower(options: FollowerOptions): Promise<ChainFollower> {
  const { dir, nodeUrls, logger, metrics, onFatal } = options;
  const source = l2Source(options.l2);
  const database = await openStore({ dataDir: join(dir, "store"), protectionDir: join(dir, "protection") });
  const store = failStop(database, onFatal);
  const leaving = new AbortController();
  const l2 = createL2Reader({ ...source, store, logger, metrics, onFatal });
  const chain = createChain({
    ...{
      context: networkContext(source.chainId, source.contracts.settlement),
      self: 0,
      signers: [],
      verifier: blsVerifier,
    },
    ...{ store, clock: systemClock, l2, logger, metrics, onFatal },
    network: new RpcNetwork(nodeUrls, leaving.signal),
    timing: DEFAULT_TIMING,
    posterStepMs: 0,
    createConsensus: createEpochConsensus,
  });
  const settlements = new SettlementStore(store);
  const parts = new Parts();
  let started = false;
  return {
    async start() {
      await parts.start(database, l2, chain);
      started = true;
    },
    async stop() {
      leaving.abort();
      await parts.stop();
    },
    closed: (epoch) => settlements.closed(epoch),
    head: () => (started ? chain.head() : undefined),
  };
}
