import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "#node/interface/logger.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { assertChainId, type Reader } from "../actions/persona.ts";
import { findNodeId, registeredNode } from "../actions/registration.ts";
import { forgetNodeId, readNodeId } from "../config/registration.ts";
import { cliError } from "../errors.ts";

/** ms */
const FIRST_RETRY = 500;
const LAST_RETRY = 10_000;
/** An RPC behind a load balancer may lag behind a registration, so its no is asked again before it is believed. */
const REFUSALS = 3;

export interface Identity {
  nodeId: number;
  /** said by the home, not yet by the L2 */
  remembered: boolean;
}

/**
 * The id of the node with this consensus key: what the home remembers, else from the L2, which is waited for.
 * @throws ERR_NOT_REGISTERED, ERR_L2_CHAIN_ID, ERR_REGISTRATION_FILE; AbortError
 */
export async function identify(
  reader: Reader,
  consensusKey: Uint8Array,
  { logger, signal }: { logger: Logger; signal: AbortSignal },
): Promise<Identity> {
  const known = await readNodeId(reader.home, reader.config, consensusKey);
  if (known !== undefined) return { nodeId: known, remembered: true };
  let waiting = false;
  const nodeId = await whenL2Answers(
    async () => {
      await assertChainId(reader);
      return findNodeId(reader, consensusKey);
    },
    signal,
    (reason) => {
      if (!waiting) logger.warn("node.waiting_for_l2", { reason });
      waiting = true;
    },
  );
  return { nodeId, remembered: false };
}

/**
 * Checks a remembered id as soon as the L2 answers; one that the L2 does not confirm is forgotten.
 * @throws ERR_NOT_REGISTERED, ERR_L2_CHAIN_ID; AbortError
 */
export async function confirm(
  reader: Reader,
  consensusKey: Uint8Array,
  nodeId: number,
  signal: AbortSignal,
): Promise<void> {
  const ask = async (): Promise<boolean> => {
    await assertChainId(reader);
    return (await registeredNode(reader, consensusKey)) === nodeId;
  };
  for (let refusals = 0; refusals < REFUSALS; refusals++) {
    if (refusals > 0) await sleep(FIRST_RETRY, undefined, { signal });
    if (await whenL2Answers(ask, signal)) return;
  }
  await forgetNodeId(reader.home);
  const message = `the L2 does not know this consensus key as node ${nodeId}; the next start looks its id up again`;
  throw cliError("ERR_NOT_REGISTERED", message, { nodeId });
}

async function whenL2Answers<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
  onWait: (reason: string) => void = () => undefined,
): Promise<T> {
  for (let retryMs = FIRST_RETRY; ; retryMs = Math.min(LAST_RETRY, 2 * retryMs)) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!isFlkError(error, "ERR_L2_UNREACHABLE")) throw error;
      onWait(error.message);
    }
    await sleep(retryMs, undefined, { signal });
  }
}
