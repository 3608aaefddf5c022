import type { DeliverySession } from "../session/session.ts";
import { type StreamOptions, streamContent } from "../session/stream.ts";

/** ≤ this many bytes are kept in memory unless `maxBytes` says otherwise */
const DEFAULT_MAX_BYTES = 1 << 30;

/**
 * A whole content, its hash checked, acknowledged to the node. For large contents iterate `streamContent`.
 * @throws ERR_CONTENT_HASH, ERR_CONTENT_TRUNCATED, ERR_CONTENT_TOO_LARGE, ERR_ABORTED, the node's codes
 */
export async function fetchContent(session: DeliverySession, options: StreamOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of streamContent(session, { maxBytes: DEFAULT_MAX_BYTES, ...options })) {
    chunks.push(chunk);
    size += chunk.length;
  }
  const content = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}
