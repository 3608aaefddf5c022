import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Transfer } from "#node/delivery/credit.ts";
import type { Session } from "#node/delivery/sessions.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import { TRANSFER_HEADER } from "#protocol/types/edge-http.ts";
import { fromHex } from "#protocol/types/hex.ts";
import type { ByteRange, OpenContent } from "../content-types.ts";
import { edgeError } from "../errors.ts";
import { type EdgeContext, prepared } from "./context.ts";
import { sessionFor } from "./sessions.ts";

/** bytes read and sent at once */
const CHUNK_BYTES = 65_536;

/** One range of bytes (RFC 9110); what is not of the form `bytes=a-` or `bytes=a-b` is refused. @throws ERR_RANGE */
export function parseRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(header);
  if (!match) throw edgeError("ERR_RANGE", "only one range is served, of the form bytes=a- or bytes=a-b");
  const start = Number(match[1]);
  return match[2] === undefined ? { start } : { start, end: Number(match[2]) + 1 };
}

/** GET /v1/blake3/{hash}: streams, never more than the credit window ahead of the acknowledgements. Rule D3. */
export async function getContent(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
  hash: string,
): Promise<void> {
  const session = sessionFor(edge, request, COMMODITY.bandwidth);
  const contentHash = fromHex(`0x${hash}`, 32);
  const range = parseRange(request.headers.range);
  // First of all, so that the transfers of one key are bounded before any of them opens a file.
  const transfer = edge.delivery.begin(session, contentHash, BigInt(range?.start ?? 0));
  const content = await prepared(edge, session, transfer, edge.content.open(contentHash, range));
  try {
    response.writeHead(range ? 206 : 200, {
      "content-type": "application/octet-stream",
      "content-length": content.end - content.start,
      "accept-ranges": "bytes",
      "cache-control": "no-store",
      etag: `"${hash}"`,
      "x-content-type-options": "nosniff",
      [TRANSFER_HEADER]: String(transfer.id),
      ...(range && { "content-range": `bytes ${content.start}-${content.end - 1}/${content.size}` }),
    });
    await stream(edge, session, transfer, content, response);
  } finally {
    await content.close();
  }
}

/** Ends the connection when it cannot go on: the client sees too few bytes and asks GET /v1/session why. */
async function stream(
  edge: EdgeContext,
  session: Session,
  transfer: Transfer,
  content: OpenContent,
  response: ServerResponse,
): Promise<void> {
  const aborted = new AbortController();
  response.once("close", () => aborted.abort());
  try {
    response.flushHeaders();
    for (let at = content.start; at < content.end; ) {
      const wanted = Math.min(CHUNK_BYTES, content.end - at);
      const granted = await edge.delivery.reserve(session, transfer, wanted, aborted.signal);
      const bytes = await readGranted(edge, session, transfer, content, at, granted);
      if (!response.write(bytes)) await drained(response, aborted.signal);
      at += granted;
    }
    response.end();
    edge.delivery.end(session, transfer);
  } catch (error) {
    edge.delivery.end(session, transfer, error);
    response.destroy();
  }
}

/** A waiting transfer holds no bytes; a client does not owe what could not be read. */
async function readGranted(
  edge: EdgeContext,
  session: Session,
  transfer: Transfer,
  content: OpenContent,
  offset: number,
  granted: number,
): Promise<Uint8Array> {
  try {
    return await content.read(offset, granted);
  } catch (error) {
    edge.delivery.giveBack(session, transfer, granted);
    throw error;
  }
}

async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  try {
    await once(response, "drain", { signal });
  } catch (cause) {
    throw edgeError("ERR_CLIENT_GONE", "the client closed the connection", {}, { cause });
  }
}
