import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { blake3 } from "#crypto";
import type { Transfer } from "#node/delivery/credit.ts";
import type { Session } from "#node/delivery/sessions.ts";
import { runHash } from "#protocol/digests/ack.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import {
  type ComputeLine,
  MAX_COMPUTE_INPUT_BYTES,
  MAX_COMPUTE_MS,
  MAX_MODULE_BYTES,
  MAX_MS_HEADER,
  TRANSFER_HEADER,
} from "#protocol/types/edge-http.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { runMetered } from "../compute/metered-run.ts";
import type { ComputeVisit } from "../compute/room.ts";
import { isBoundedModule } from "../compute/wasm-form.ts";
import { edgeError } from "../errors.ts";
import { errorBody, readBody } from "../http.ts";
import { type EdgeContext, prepared } from "./context.ts";
import { sessionFor } from "./sessions.ts";

function maxMsOf(request: IncomingMessage): number {
  const header = request.headers[MAX_MS_HEADER];
  if (header === undefined) return MAX_COMPUTE_MS;
  const ms = typeof header === "string" && /^[1-9]\d{0,8}$/.test(header) ? Number(header) : 0;
  if (ms > 0) return Math.min(ms, MAX_COMPUTE_MS);
  throw edgeError("ERR_REQUEST", `${MAX_MS_HEADER} is not a number of ms`, { field: MAX_MS_HEADER });
}

/** POST /v1/compute/{hash}: the body is the input. Answers line by line while it runs. Rule D13. */
export async function postCompute(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
  hash: string,
): Promise<void> {
  const session = sessionFor(edge, request, COMMODITY.compute);
  const maxMs = maxMsOf(request);
  const moduleHash = fromHex(`0x${hash}`, 32);
  const visit = edge.compute.enter(session.request.account);
  try {
    const input = await readBody(request, MAX_COMPUTE_INPUT_BYTES, (bytes) => visit.input(bytes));
    visit.begin();
    const transfer = edge.delivery.begin(session, runHash(moduleHash, blake3(input)), 0n);
    await whileConnected(request, (signal) =>
      answer(edge, { session, transfer, moduleHash, input, maxMs, visit, signal }, response),
    );
  } finally {
    visit.leave();
  }
}

/** `signal` is aborted when the connection closes: one that waits behind another on it never hears of that itself. */
async function whileConnected(
  { socket }: IncomingMessage,
  act: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  socket.once("close", onClose);
  if (socket.destroyed) onClose();
  try {
    await act(gone.signal);
  } finally {
    socket.off("close", onClose);
  }
}

interface Run {
  session: Session;
  transfer: Transfer;
  moduleHash: Uint8Array;
  input: Uint8Array;
  maxMs: number;
  visit: ComputeVisit;
  /** of the connection */
  signal: AbortSignal;
}

async function answer(edge: EdgeContext, run: Run, response: ServerResponse): Promise<void> {
  const { session, transfer } = run;
  const module = await prepared(edge, session, transfer, readModule(edge, run.moduleHash));
  response.writeHead(200, {
    "content-type": "application/x-ndjson",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    [TRANSFER_HEADER]: String(transfer.id),
  });
  response.flushHeaders();
  const say = (line: ComputeLine): void => {
    if (!response.writableEnded) response.write(toLine(line));
  };
  try {
    const { delivery } = edge;
    const done = await runMetered({ ...run, delivery, module, onProgress: (ms) => say({ ms }) });
    await finish(edge, run, response, { ms: done.ms, output: toHex(done.output) });
    delivery.end(session, transfer);
  } catch (error) {
    say({ ms: Number(transfer.sent), error: errorBody(error) });
    response.end();
    edge.delivery.end(session, transfer, error);
  }
}

const toLine = (line: ComputeLine): string => `${JSON.stringify(line)}\n`;

/** Resolves when all of the answer is on its way. @throws ERR_CLIENT_GONE, also when it takes none of it for too long */
async function finish(
  { compute }: EdgeContext,
  { visit, signal }: Run,
  response: ServerResponse,
  last: ComputeLine,
): Promise<void> {
  const text = toLine(last);
  visit.over(text.length);
  const late = AbortSignal.timeout(compute.takeMs);
  const taken = once(response, "finish", { signal: AbortSignal.any([signal, late]) });
  response.end(text);
  try {
    await taken;
  } catch (cause) {
    response.destroy();
    throw edgeError("ERR_CLIENT_GONE", "the client did not take the output", {}, { cause });
  }
}

/** @throws ERR_CONTENT_NOT_FOUND, ERR_CONTENT_CORRUPT, ERR_COMPUTE_MODULE */
async function readModule(edge: EdgeContext, hash: Uint8Array): Promise<Uint8Array> {
  const content = await edge.content.open(hash);
  try {
    if (content.size > MAX_MODULE_BYTES) {
      throw edgeError("ERR_COMPUTE_MODULE", `a module has at most ${MAX_MODULE_BYTES} bytes`);
    }
    const bytes = await content.read(0, content.size);
    // a module that was spoiled on its way from the disk would be paid for, and be said to be the client's fault
    if (!equalBytes(blake3(bytes), hash)) {
      throw edgeError("ERR_CONTENT_CORRUPT", "what was read is not the module");
    }
    if (isBoundedModule(bytes)) return bytes;
    throw edgeError("ERR_COMPUTE_MODULE", "not a module, or with more memories or tables than are allowed");
  } finally {
    await content.close();
  }
}
