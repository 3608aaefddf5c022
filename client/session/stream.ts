import { blake3Hasher } from "#crypto";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import { CREDIT_WINDOW_BYTES } from "#protocol/params/limits.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { assertNotAborted } from "./acknowledger.ts";
import type { DeliverySession } from "./session.ts";

/** Bytes at the end that are acknowledged only when the hash is right. */
const HELD_BYTES = CREDIT_WINDOW_BYTES / 2;
/** ms without a byte after which they are acknowledged all the same: other transfers may need the window */
const STALL_MS = 250;

export interface StreamOptions {
  /** BLAKE3 of the content */
  hash: Hex;
  signal?: AbortSignal;
  /** a content that is larger is refused */
  maxBytes?: number;
  /** how often a content is taken up again where the connection broke, or where the node ended it for want of a reservation; 2 when absent */
  retries?: number;
  /** called with every piece that arrives */
  onBytes?: (bytes: number) => void;
}

/**
 * Content as it arrives. Acknowledges while it flows, takes up a broken connection where it broke, and throws at the end
 * when the bytes do not hash to `hash`: use none of them before the stream has ended well.
 * @throws ERR_CONTENT_HASH, ERR_CONTENT_TRUNCATED, ERR_CONTENT_TOO_LARGE, ERR_RESERVATION_REQUIRED, ERR_ABORTED, the node's codes
 */
export async function* streamContent(
  session: DeliverySession,
  options: StreamOptions,
): AsyncGenerator<Uint8Array, void> {
  const hasher = blake3Hasher();
  const progress = { received: 0, total: undefined as number | undefined };
  try {
    for (let attempt = 0; ; attempt++) {
      assertNotAborted(options.signal);
      try {
        yield* readTransfer(session, options, progress, hasher);
        break;
      } catch (error) {
        const broken = isFlkError(error, "ERR_CONTENT_TRUNCATED");
        const unfunded = isFlkError(error, "ERR_RESERVATION_REQUIRED");
        if (!(broken || unfunded) || attempt >= (options.retries ?? 2)) throw error;
        if (unfunded) await secured(session, progress, options.signal);
        await session.acknowledger.flush();
      }
    }
    await session.acknowledger.flush();
  } finally {
    // When it ends early: a failure of this stays with the acknowledger, and the next transfer meets it.
    await session.acknowledger.drain();
  }
}

/** A reservation for what is left. @throws ERR_RESERVATION_REQUIRED, ERR_ABORTED */
async function secured(session: DeliverySession, progress: Progress, signal?: AbortSignal): Promise<void> {
  assertNotAborted(signal);
  const securing = session.reserver.secure((progress.total ?? 0) - progress.received);
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => resolve();
    signal?.addEventListener("abort", onAbort);
    securing.then(resolve, reject).finally(() => signal?.removeEventListener("abort", onAbort));
  });
  assertNotAborted(signal);
}

interface Progress {
  received: number;
  total: number | undefined;
}

async function* readTransfer(
  session: DeliverySession,
  options: StreamOptions,
  progress: Progress,
  hasher: ReturnType<typeof blake3Hasher>,
): AsyncGenerator<Uint8Array, void> {
  const { response, transfer } = await session.get(options.hash, progress.received, options.signal);
  progress.total = checkSize(response, progress, options);
  const { total } = progress;
  const reader = response.body?.getReader();
  session.reserver.expect(total - progress.received);
  const held = { from: progress.received, to: progress.received };
  const release = (to: number): void => {
    if (to <= held.from) return;
    session.acknowledger.add({ transfer, hash: options.hash, offset: held.from, units: to - held.from });
    held.from = to;
  };
  let done = false;
  let disputed = false;
  const unwatch = session.acknowledger.onFailure(() => void reader?.cancel().catch(() => undefined));
  const verify = (): void => {
    if (equalBytes(hasher.digest(), fromHex(options.hash, 32))) return;
    disputed = true;
    throw clientError("ERR_CONTENT_HASH", `the node's bytes are not ${options.hash}`, { hash: options.hash });
  };
  try {
    while (reader && progress.received < total) {
      const chunk = await readOrStall(reader, () => release(held.to));
      assertNotAborted(options.signal);
      if (!chunk) session.acknowledger.assertHealthy();
      if (!chunk) throw await whyEnded(session, transfer, progress);
      if (progress.received + chunk.length > total)
        throw clientError("ERR_NODE_RESPONSE", "more bytes than announced");
      hasher.update(chunk);
      progress.received += chunk.length;
      options.onBytes?.(chunk.length);
      session.reserver.received(chunk.length);
      held.to = progress.received;
      if (progress.received === total) verify();
      release(progress.received === total ? total : Math.min(held.to, total - HELD_BYTES));
      yield chunk;
    }
    if (total === 0) verify();
    done = true;
  } finally {
    unwatch();
    session.reserver.arrived(total - progress.received);
    // Wrong bytes: what is not acknowledged of them never will be.
    if (!done && !disputed) {
      release(held.to);
      session.interrupted(transfer);
    }
    // Already an error, or the end: what the connection says to being closed changes nothing.
    await reader?.cancel().catch(() => undefined);
  }
}

function checkSize(response: Response, progress: Progress, options: StreamOptions): number {
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  if (!Number.isSafeInteger(length)) throw clientError("ERR_NODE_RESPONSE", "the node names no length");
  const total = progress.received + length;
  if (progress.total !== undefined && progress.total !== total) {
    throw clientError("ERR_NODE_RESPONSE", "the content has another length than before");
  }
  if (options.maxBytes !== undefined && total > options.maxBytes) {
    throw clientError("ERR_CONTENT_TOO_LARGE", `the content has ${total} bytes`, {
      size: total,
      max: options.maxBytes,
    });
  }
  return total;
}

/** The next bytes; undefined when the connection ended or broke. Calls `onStall` when they take long. */
async function readOrStall(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  onStall: () => void,
): Promise<Uint8Array | undefined> {
  const timer = setTimeout(onStall, STALL_MS);
  try {
    const { done, value } = await reader.read();
    return done ? undefined : value;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** What the node says about a transfer that ended early; a broken connection when it says nothing. */
async function whyEnded(session: DeliverySession, transfer: number, progress: Progress): Promise<FlkError> {
  try {
    const { ended } = await session.status();
    if (ended && ended.transfer === transfer && !ended.code.startsWith("ERR_TRANSFER_ABORTED")) {
      return new FlkError(ended.code, ended.message, { received: progress.received });
    }
  } catch (error) {
    const known = isFlkError(error, "ERR_SESSION_UNKNOWN") || isFlkError(error, "ERR_NODE_UNREACHABLE");
    if (!known) throw error;
  }
  const { received, total } = progress;
  return clientError("ERR_CONTENT_TRUNCATED", `the connection broke after ${received} of ${total} bytes`, {
    received,
  });
}
