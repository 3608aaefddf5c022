import type { Logger } from "#node/interface/logger.ts";
import { type OpenKeystore, openKeystore } from "#node/keys/keystore.ts";
import { createLogger } from "#node/metrics/logger.ts";
import { nativeSecp256k1Failure } from "#protocol/crypto/node.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { type Reader, readerOf } from "../actions/persona.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { parseLogLevel, writeLog } from "../io/log-level.ts";
import { readPassword } from "../io/password.ts";
import { onStop, reportUp } from "../process.ts";
import { composeNode } from "./compose.ts";
import { confirm, identify } from "./identify.ts";
import { warnOfSlowKeys } from "./slow-keys.ts";

/** How a node ends: by a signal, or because it must. */
interface Ending {
  /** resolves with the reason of a stop, rejects with what is fatal */
  ended: Promise<string>;
  signal: AbortSignal;
  onFatal(error: unknown): void;
  release(): void;
}

/**
 * Runs the node until it is told to stop or must. An L2 that does not answer is waited for; a node that ran before
 * does not need it to start. @throws the code of what made it stop
 */
export async function runNode(
  options: CommonOptions & { logLevel: string; corruptPercent?: number },
): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const keys = await openKeystore({ dir: home.keystore, password: await readPassword(options.passwordFile) });
  const reader = readerOf(home, config);
  const logger = createLogger({ level, write: writeLog });
  const ending = endingOf(logger);
  const { ended, signal, onFatal, release } = ending;
  try {
    const { publicKey } = keys.consensus;
    const identity = await Promise.race([identify(reader, publicKey, { logger, signal }), ended]);
    if (typeof identity === "string") {
      logger.info("node.stopped", { reason: identity });
      return;
    }
    const { nodeId, remembered } = identity;
    if (remembered) confirm(reader, publicKey, nodeId, signal).catch(onFatal);
    const node = { nodeId, corruptPercent: options.corruptPercent };
    await serve(reader, keys, node, logger.child({ node: nodeId }), ending);
  } finally {
    release();
  }
}

async function serve(
  { home, config }: Reader,
  keys: OpenKeystore,
  which: { nodeId: number; corruptPercent: number | undefined },
  logger: Logger,
  { ended, onFatal }: Ending,
): Promise<void> {
  useNativeSszHasher();
  warnOfSlowKeys(logger, nativeSecp256k1Failure);
  const node = await composeNode({ home, config, keys, ...which, logger, onFatal });
  try {
    await Promise.race([node.listen(), ended]);
    reportUp();
    logger.info("node.listening");
    await Promise.race([node.start(), ended]);
    logger.info("node.started");
    logger.info("node.stopping", { reason: await ended });
  } finally {
    await node.stop();
    logger.info("node.stopped");
  }
}

function endingOf(logger: Logger): Ending {
  const leaving = new AbortController();
  let release = (): void => undefined;
  let onFatal = (_error: unknown): void => undefined;
  const ended = new Promise<string>((resolve, reject) => {
    release = onStop((reason) => {
      leaving.abort();
      resolve(reason);
    });
    onFatal = (error) => {
      if (leaving.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      logger.error("node.fatal", { code: errorCode(error), message });
      reject(error);
      leaving.abort();
    };
  });
  // it may fail while nobody waits for it yet
  ended.catch(() => undefined);
  return {
    ended,
    signal: leaving.signal,
    onFatal,
    release() {
      leaving.abort();
      release();
    },
  };
}
