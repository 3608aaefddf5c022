import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BaseError } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { vetoSettlement } from "#client/actions/veto.ts";
import type { Logger } from "#node/interface/logger.ts";
import { readAccountKey } from "#node/keys/web3-storage.ts";
import { createLogger } from "#node/metrics/logger.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import { createMetricsServer } from "#node/metrics/server.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { openReader, type Reader, walletOf } from "../actions/persona.ts";
import type { WatchOptions } from "../cmds/watch.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { cliError } from "../errors.ts";
import { parseLogLevel, writeLog } from "../io/log-level.ts";
import { createOutput } from "../io/output.ts";
import { readPassword } from "../io/password.ts";
import { Parts } from "../node/parts.ts";
import { onStop, reportUp } from "../process.ts";
import { createFollower } from "./follower.ts";
import { type Posted, PostedReader } from "./posted.ts";
import { reporter } from "./report.ts";
import { Watcher } from "./watcher.ts";

/** How it ends: by a signal, or because it must. */
interface Ending {
  ended: Promise<string>;
  signal: AbortSignal;
  fail(error: unknown): void;
}

/**
 * Watches until it is told to stop; with `once` until every posted settlement has a verdict or an alarm.
 * @throws ERR_WATCH_ALARM with `once` when there was an alarm; ERR_CONFIG, ERR_STORE_LOCKED, ERR_L2_FORK and the like
 */
export async function runWatch(options: WatchOptions): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const reader = await openReader(home, config);
  const veto =
    options.guardian === undefined ? undefined : await guardianOf(options.guardian, options, reader);
  const logger = createLogger({ level, fields: { part: "watch" }, write: writeLog });
  const output = createOutput(options);
  const metrics = createMetrics({ process: true });
  const leaving = new AbortController();
  const { promise: ended, resolve, reject } = Promise.withResolvers<string>();
  // it may fail while nobody waits for it yet
  ended.catch(() => undefined);
  const release = onStop(resolve);
  const ending = { ended, signal: leaving.signal, fail: reject };
  useNativeSszHasher();
  let leftAt: number | undefined;
  const follower = await createFollower({
    ...{ l2: config.l2, dir: options.dir ?? join(home.data, "watch"), logger, metrics },
    nodeUrls: options.nodeRpcUrl ?? [config.client.node_rpc_url],
    onFatal(error) {
      if (!isFlkError(error, "ERR_STATE_DIVERGED")) return reject(error);
      const { epoch } = error.data;
      leftAt = typeof epoch === "number" ? epoch : (follower.head()?.epoch ?? 0);
    },
  });
  const watcher = new Watcher({
    posted: new PostedReader(reader.l2, config.l2.deploy_block),
    computed: async (epoch) => (await follower.closed(epoch))?.settlement,
    leftAt: () => leftAt,
    marginSeconds: options.margin,
    ...(veto && { veto }),
    report: reporter(output, metrics),
  });
  const parts = new Parts();
  try {
    const { metricsPort: port } = options;
    if (port !== undefined)
      await parts.start(
        createMetricsServer({ metrics, port, host: config.metrics.host, option: "--metrics-port" }),
      );
    parts.start(follower).catch(reject);
    reportUp();
    await watch(watcher, options, config.l2.poll_ms, ending, logger);
  } finally {
    leaving.abort();
    release();
    await parts.stop();
  }
  const { alarms, size } = watcher;
  if (options.once) output.progress(`posted settlements: ${size}, alarms: ${alarms}`);
  if (options.once && alarms > 0) {
    throw cliError("ERR_WATCH_ALARM", `alarms about posted settlements: ${alarms}`, { alarms });
  }
}

async function watch(
  watcher: Watcher,
  { once, timeout }: WatchOptions,
  pollMs: number,
  { ended, signal }: Ending,
  logger: Logger,
): Promise<void> {
  const until = performance.now() + 1000 * timeout;
  let stopped = false;
  const stop = ended.then((reason) => {
    stopped = true;
    logger.info("watch.stopping", { reason });
  });
  for (;;) {
    const looked = await Promise.race([look(watcher, logger), stop.then(() => false)]);
    if (stopped) return;
    if (once && looked && !watcher.open) return;
    if (once && performance.now() >= until) return watcher.giveUp();
    await Promise.race([sleep(pollMs, undefined, { signal }), stop]);
  }
}

/** Whether the L2 could be read. What it says next time is what counts. */
async function look(watcher: Watcher, logger: Logger): Promise<boolean> {
  try {
    await watcher.round();
    return true;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    logger.warn("watch.l2_unreachable", { reason: error.shortMessage });
    return false;
  }
}

/** @throws the keystore codes */
async function guardianOf(path: string, options: WatchOptions, { config, l2 }: Reader) {
  const { privateKey } = await readAccountKey(path, await readPassword(options.passwordFile));
  const wallet = walletOf(config.l2, privateKeyToAccount(privateKey));
  return ({ epoch, digest }: Posted) => vetoSettlement({ ...l2, wallet }, { epoch, digest });
}
