import { resolve } from "node:path";
import { createIndexer } from "#indexer/indexer.ts";
import { createLogger } from "#node/metrics/logger.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { parseLogLevel, writeLog } from "../io/log-level.ts";
import { onStop, reportUp } from "../process.ts";

/** Runs the indexer until it is told to stop. @throws ERR_CONFIG, ERR_PORT_IN_USE, ERR_STORE_LOCKED */
export async function runIndexer(options: CommonOptions & { logLevel: string }): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const { l2, indexer: settings } = await loadConfig(home);
  const logger = createLogger({ level, fields: { part: "indexer" }, write: writeLog });
  const indexer = createIndexer({
    rpcUrls: l2.rpc_urls,
    chainId: l2.chain_id,
    contracts: l2.contracts,
    deployBlock: l2.deploy_block,
    nodeRpcUrl: settings.node_rpc_url,
    dataDir: resolve(home.root, settings.dir),
    port: settings.port,
    host: settings.host,
    logger,
    pollMs: l2.poll_ms,
  });
  let release = (): void => undefined;
  const stopped = new Promise<string>((done) => {
    release = onStop(done);
  });
  try {
    await indexer.start();
    reportUp();
    logger.info("indexer_stopping", { reason: await stopped });
  } finally {
    await indexer.stop();
    release();
  }
}
