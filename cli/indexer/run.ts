import { resolve } from "node:path";
import { createIndexer, createReplica, type Indexer, networkText } from "#indexer/indexer.ts";
import { prunePostgres } from "#indexer/store/postgres.ts";
import { createLogger } from "#node/metrics/logger.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { postgresUrl } from "../config/fields.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import { cliError } from "../errors.ts";
import { parseLogLevel, writeLog } from "../io/log-level.ts";
import { createOutput } from "../io/output.ts";
import { onStop, reportUp } from "../process.ts";
import { apiSettings } from "./api.ts";

type Options = CommonOptions & { logLevel: string };

/**
 * Runs the indexer until it is told to stop.
 * @throws ERR_CONFIG, ERR_PORT_IN_USE, ERR_STORE_LOCKED, ERR_DATABASE
 */
export async function runIndexer(options: Options): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const { l2, indexer: settings } = config;
  const indexer = createIndexer({
    rpcUrls: l2.rpc_urls,
    ...networkOf(config),
    nodeRpcUrl: settings.node_rpc_url,
    dataDir: resolve(home.root, settings.dir),
    databaseUrl: databaseUrl(config),
    ...(await apiOf(config, home, level)),
    pollMs: l2.poll_ms,
  });
  await serveUntilStopped(indexer, level);
}

/** Serves what `flk indexer run` writes elsewhere. @throws ERR_CONFIG, ERR_PORT_IN_USE, ERR_DATABASE */
export async function serveIndexer(options: Options): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const url = requireDatabase(config);
  const replica = createReplica({
    ...networkOf(config),
    nodeRpcUrl: config.indexer.node_rpc_url,
    databaseUrl: url,
    ...(await apiOf(config, home, level)),
  });
  await serveUntilStopped(replica, level);
}

/** Drops what earlier versions indexed. @throws ERR_CONFIG, ERR_DATABASE */
export async function pruneIndexer(options: CommonOptions): Promise<void> {
  const config = await loadConfig(resolveHome(options.home));
  const dropped = await prunePostgres(requireDatabase(config), networkText(networkOf(config)));
  const lines = dropped.length === 0 ? ["nothing to drop"] : dropped.map((schema) => `dropped ${schema}`);
  createOutput(options).data({ dropped }, lines);
}

type Level = ReturnType<typeof parseLogLevel>;

function loggerOf(level: Level) {
  return createLogger({ level, fields: { part: "indexer" }, write: writeLog });
}

function networkOf({ l2 }: Config) {
  return { chainId: l2.chain_id, contracts: l2.contracts, deployBlock: l2.deploy_block };
}

async function apiOf(config: Config, home: Home, level: Level) {
  const { port, host } = config.indexer;
  const metrics = createMetrics({ process: true });
  return { port, host, logger: loggerOf(level), api: await apiSettings(config, home), metrics };
}

function databaseUrl({ indexer }: Config): string | undefined {
  const given = process.env.DATABASE_URL;
  return given ? postgresUrl().parse(given, "DATABASE_URL") : indexer.database_url;
}

function requireDatabase(config: Config): string {
  const url = databaseUrl(config);
  if (url !== undefined) return url;
  const message =
    "set indexer.database_url or DATABASE_URL: only a PostgreSQL can be shared by several processes";
  throw cliError("ERR_CONFIG", message, { key: "indexer.database_url" });
}

async function serveUntilStopped(indexer: Indexer, level: Level): Promise<void> {
  let release = (): void => undefined;
  const stopped = new Promise<string>((done) => {
    release = onStop(done);
  });
  try {
    // it may wait long for another that writes, and be told to stop meanwhile
    const reason = await Promise.race([indexer.start(), stopped]);
    if (reason === undefined) reportUp();
    loggerOf(level).info("indexer_stopping", { reason: reason ?? (await stopped) });
  } finally {
    await indexer.stop();
    release();
  }
}
