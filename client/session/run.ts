import { blake3 } from "#crypto";
import { runHash } from "#protocol/digests/ack.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { type ComputeLine, MAX_COMPUTE_MS, MAX_COMPUTE_OUTPUT_BYTES } from "#protocol/types/edge-http.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { hex, integer, object } from "../rpc/json.ts";
import type { DeliverySession } from "./session.ts";

export interface RunOptions {
  /** BLAKE3 of the WebAssembly module, which the node must hold */
  module: Hex;
  input?: Uint8Array;
  /** the node ends the run after so many ms, and no more are paid; 10 s when absent, a minute at most */
  maxMs?: number;
  signal?: AbortSignal;
}

export interface RunResult {
  output: Uint8Array;
  /** what it took by the node's count, and is paid */
  ms: number;
}

const DEFAULT_MAX_MS = 10_000;
/** output as hex, and the rest of the line */
const MAX_LINE_CHARS = 2 * MAX_COMPUTE_OUTPUT_BYTES + 1_024;

/**
 * Runs a module at the node and acknowledges its ms while it runs: never more than have passed on our own clock since it was asked
 * for (rule D13). A run that fails is paid as far as it went.
 * @throws ERR_COMPUTE_…, ERR_CONTENT_NOT_FOUND, ERR_NODE_RESPONSE (more ms than have passed, or no answer), ERR_ABORTED, the node's codes
 */
export async function runModule(session: DeliverySession, options: RunOptions): Promise<RunResult> {
  const { module, input = new Uint8Array(), signal } = options;
  const maxMs = Math.min(options.maxMs ?? DEFAULT_MAX_MS, MAX_COMPUTE_MS);
  const hash = toHex(runHash(fromHex(module, 32), blake3(input)));
  session.reserver.expect(maxMs);
  let acknowledged = 0;
  let broken: number | undefined;
  try {
    const since = performance.now();
    const request = { module, input, maxMs, ...(signal && { signal }) };
    const { response, transfer } = await session.compute(request);
    broken = transfer;
    for await (const line of lines(response)) {
      const passed = Math.ceil(performance.now() - since);
      if (line.ms < acknowledged || line.ms > Math.min(passed, maxMs)) {
        broken = undefined;
        const data = { ms: line.ms, passed };
        throw clientError("ERR_NODE_RESPONSE", `the node counts ${line.ms} ms, ${passed} have passed`, data);
      }
      const units = line.ms - acknowledged;
      session.acknowledger.add({ transfer, hash, offset: acknowledged, units });
      session.reserver.arrived(units);
      session.reserver.received(units);
      acknowledged = line.ms;
      if (line.error || line.output !== undefined) broken = undefined;
      if (line.error) throw new FlkError(line.error.code, line.error.message, { ms: line.ms });
      if (line.output !== undefined) {
        await session.acknowledger.flush();
        return { output: fromHex(line.output), ms: line.ms };
      }
    }
    throw clientError("ERR_NODE_RESPONSE", "the answer has no end");
  } finally {
    session.reserver.arrived(maxMs - acknowledged);
    if (broken !== undefined) session.interrupted(broken);
    await session.acknowledger.drain();
  }
}

async function* lines(response: Response): AsyncGenerator<ComputeLine, void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  try {
    while (reader) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw clientError("ERR_NODE_UNREACHABLE", "the connection broke during the run", {}, { cause });
      });
      if (done) return;
      const parts = (held + value).split("\n");
      held = parts.pop() ?? "";
      for (const part of parts) yield readLine(part);
      if (held.length > MAX_LINE_CHARS) throw clientError("ERR_NODE_RESPONSE", "a line without end");
    }
  } finally {
    // the run is over, or we want no more of it
    await reader?.cancel().catch(() => undefined);
  }
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
