/** Small bytes become text by way of one buffer: a Buffer for each would cost three times as much. */
const scratch = Buffer.alloc(1024);

/** One character for each byte. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > scratch.length) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }
  scratch.set(bytes);
  return scratch.toString("latin1", 0, bytes.length);
}
