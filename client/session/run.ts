import { blake3 } from "#crypto";
import { runHash } from "#protocol/digests/ack.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { type ComputeLine, MAX_COMPUTE_MS, MAX_COMPUTE_OUTPUT_BYTES } from "#protocol/types/edge-http.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { hex, integer, object } from "../rpc/json.ts";
import { assertNotAborted } from "./acknowledger.ts";
import type { DeliverySession } from "./session.ts";

export interface RunOptions {
  /** BLAKE3 of the WebAssembly module, which the node must hold */
  module: Hex;
  input?: Uint8Array;
  /** the node ends the run after so many ms, and no more are paid; 10 s when absent, a minute at most */
  maxMs?: number;
  /** ms beyond `maxMs` for all that is no part of the run: to begin, to stand still, to answer; half a minute when absent */
  patienceMs?: number;
  signal?: AbortSignal;
  /** called with the ms of the run that have been signed for, each time they grow */
  onMs?: (ms: number) => void;
}

export interface RunResult {
  output: Uint8Array;
  /** what it took by the node's count, and is paid */
  ms: number;
}

const DEFAULT_MAX_MS = 10_000;
const PATIENCE_MS = 30_000;
/** ms after which the node has heard at the latest that the connection is cut */
const CUT_MS = 100;
/** output as hex, and the rest of the line */
const MAX_LINE_CHARS = 2 * MAX_COMPUTE_OUTPUT_BYTES + 1_024;

/**
 * Runs a module at the node and acknowledges its ms while it runs: never more than have passed on our own clock since it was asked
 * for (rule D13). A run that fails is paid as far as it went; one whose ms cannot be acknowledged is not waited for.
 * @throws ERR_COMPUTE_…, ERR_CONTENT_NOT_FOUND, ERR_NODE_RESPONSE (more ms than have passed, lines that add none, no end in time),
 * ERR_NODE_UNREACHABLE, ERR_ABORTED, ERR_REQUEST (`maxMs`), the node's codes, also those of its acknowledgements
 */
export async function runModule(session: DeliverySession, options: RunOptions): Promise<RunResult> {
  const { module, input = new Uint8Array(), signal, patienceMs = PATIENCE_MS } = options;
  const maxMs = boundOf(options.maxMs);
  const hash = toHex(runHash(fromHex(module, 32), blake3(input)));
  const { acknowledger } = session;
  const unpaid = new AbortController();
  const unwatch = acknowledger.onFailure((error) => unpaid.abort(error));
  const over = AbortSignal.any([
    ...(signal ? [signal] : []),
    AbortSignal.timeout(maxMs + patienceMs),
    unpaid.signal,
  ]);
  session.reserver.expect(maxMs);
  const since = performance.now();
  const passed = (): number => Math.ceil(performance.now() - since);
  let acknowledged = 0;
  let broken: number | undefined;
  try {
    const { response, transfer } = await session.compute({ module, input, maxMs, signal: over });
    broken = transfer;
    for await (const line of lines(response, over)) {
      const last = line.output !== undefined || line.error !== undefined;
      // nothing more is owed after the last line, or to a node that is not believed
      broken = undefined;
      assertPlausible(line, last, { acknowledged, passed: passed(), maxMs });
      if (!last) broken = transfer;
      const units = line.ms - acknowledged;
      if (units > 0) acknowledger.add({ transfer, hash, offset: acknowledged, units });
      session.reserver.received(units);
      acknowledged = line.ms;
      options.onMs?.(acknowledged);
      if (line.error) throw new FlkError(line.error.code, line.error.message, { ms: line.ms });
      if (line.output !== undefined) {
        await acknowledger.flush();
        return { output: fromHex(line.output), ms: line.ms };
      }
    }
    throw clientError("ERR_NODE_RESPONSE", "the answer has no end");
  } catch (error) {
    // whatever the abort made of it: another `flush` may have met the failure meanwhile, and be over it
    if (unpaid.signal.aborted) throw unpaid.signal.reason;
    throw error;
  } finally {
    unwatch();
    session.reserver.arrived(maxMs - acknowledged);
    if (broken !== undefined) session.interrupted(broken, Math.min(passed() + CUT_MS, maxMs) - acknowledged);
    await acknowledger.drain();
  }
}

function boundOf(maxMs: number = DEFAULT_MAX_MS): number {
  if (Number.isSafeInteger(maxMs) && maxMs > 0) return Math.min(maxMs, MAX_COMPUTE_MS);
  throw new FlkError("ERR_REQUEST", `maxMs is a number of whole ms, not ${maxMs}`, { maxMs });
}

/** @throws ERR_NODE_RESPONSE */
function assertPlausible(
  { ms }: ComputeLine,
  last: boolean,
  { acknowledged, passed, maxMs }: { acknowledged: number; passed: number; maxMs: number },
): void {
  if (ms < acknowledged || ms > Math.min(passed, maxMs)) {
    throw clientError("ERR_NODE_RESPONSE", `the node counts ${ms} ms, ${passed} have passed`, { ms, passed });
  }
  if (!last && ms === acknowledged) throw clientError("ERR_NODE_RESPONSE", "a line that adds no ms", { ms });
}

/** Ends, with what came till then, when `over` is aborted. @throws ERR_ABORTED, ERR_NODE_RESPONSE, ERR_NODE_UNREACHABLE */
async function* lines(response: Response, over: AbortSignal): AsyncGenerator<ComputeLine, void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  over.addEventListener("abort", stop);
  let held = "";
  try {
    while (reader) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        assertInTime(over);
        throw clientError("ERR_NODE_UNREACHABLE", "the connection broke during the run", {}, { cause });
      });
      assertInTime(over);
      if (done) return;
      const parts = (held + value).split("\n");
      held = parts.pop() ?? "";
      for (const part of parts) yield readLine(part);
      if (held.length > MAX_LINE_CHARS) throw clientError("ERR_NODE_RESPONSE", "a line without end");
    }
  } finally {
    over.removeEventListener("abort", stop);
    // the run is over, or we want no more of it
    await reader?.cancel().catch(() => undefined);
  }
}

/** @throws ERR_ABORTED, ERR_NODE_RESPONSE */
function assertInTime(over: AbortSignal): void {
  if (!over.aborted) return;
  if (over.reason?.name !== "TimeoutError") assertNotAborted(over);
  throw clientError("ERR_NODE_RESPONSE", "the run has no end in time");
}

function readLine(text: string): ComputeLine {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw clientError("ERR_NODE_RESPONSE", "a line that is not JSON", {}, { cause });
  }
  const line = object(parsed, "line");
  const error = line.error === undefined ? undefined : object(line.error, "error");
  return {
    ms: integer(line.ms, "ms"),
    ...(line.output !== undefined && { output: hex(line.output, "output") }),
    ...(error && { error: { code: String(error.code), message: String(error.message) } }),
  };
}
