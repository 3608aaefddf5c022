import { u64 } from "#node/consensus/records.ts";

/** Database keys: a one-character table name, then big-endian numbers or bytes, so that they sort by number. */
export function key(table: string, ...parts: (number | Uint8Array)[]): Uint8Array {
  const chunks = parts.map((part) => (typeof part === "number" ? u64(part) : part));
  const out = new Uint8Array(1 + chunks.reduce((n, chunk) => n + chunk.length, 0));
  out[0] = table.charCodeAt(0);
  let at = 1;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
