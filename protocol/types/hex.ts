import { FlkError } from "../errors/error.ts";

export type Hex = `0x${string}`;

export function toHex(bytes: Uint8Array): Hex {
  let out = "0x";
  for (const byte of bytes) out += byte.toString(16).padStart(2, "0");
  return out as Hex;
}

/** @throws ERR_HEX unless `text` is 0x-prefixed hex of `length` bytes (any length when absent). */
export function fromHex(text: string, length?: number): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(text)) throw new FlkError("ERR_HEX", "not a 0x-prefixed hex string");
  const bytes = new Uint8Array((text.length - 2) / 2);
  if (length !== undefined && bytes.length !== length) {
    throw new FlkError("ERR_HEX", `expected ${length} bytes, got ${bytes.length}`, {
      expected: length,
      got: bytes.length,
    });
  }
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}
