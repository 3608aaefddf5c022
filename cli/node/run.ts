import { openKeystore } from "#node/keys/keystore.ts";
import { createLogger } from "#node/metrics/logger.ts";
import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { openReader } from "../actions/persona.ts";
import { findNodeId } from "../actions/registration.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { parseLogLevel, writeLog } from "../io/log-level.ts";
import { readPassword } from "../io/password.ts";
import { onStop, reportUp } from "../process.ts";
import { composeNode } from "./compose.ts";

/** Runs the node until it is told to stop or must. @throws the code of what made it stop */
export async function runNode(options: CommonOptions & { logLevel: string }): Promise<void> {
  const level = parseLogLevel(options.logLevel);
  const home = resolveHome(options.home);
  const keys = await openKeystore({ dir: home.keystore, password: await readPassword(options.passwordFile) });
  const reader = await openReader(home);
  const nodeId = await findNodeId(reader, keys.consensus.publicKey);
  useNativeSszHasher();
  const logger = createLogger({ level, fields: { node: nodeId }, write: writeLog });

  let release = (): void => undefined;
  let onFatal = (_error: unknown): void => undefined;
  const ended = new Promise<string>((resolve, reject) => {
    release = onStop(resolve);
    onFatal = (error) => {
      const message = error instanceof Error ? error.message : String(error);
      logger.error("node.fatal", { code: errorCode(error), message });
      reject(error);
    };
  });
  // it may fail while nobody waits for it yet
  ended.catch(() => undefined);
  const node = await composeNode({ home, config: reader.config, keys, nodeId, logger, onFatal });
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
    release();
  }
}
