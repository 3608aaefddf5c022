import type { Type, ValueOf } from "@chainsafe/ssz";
import { FlkError } from "../errors/error.ts";
import { isWellFormed } from "./well-formed.ts";

/**
 * Decodes hostile bytes. Only the canonical encoding is accepted, so that ids and digests of what arrived equal those
 * of what we would send.
 * @throws ERR_DECODE
 */
export function decode<T extends Type<unknown>>(type: T, bytes: Uint8Array): ValueOf<T> {
  let value: unknown;
  let again: Uint8Array;
  try {
    value = type.deserialize(bytes);
    // decides for most of what comes by the million; to encode it again takes longer than to decode it
    if (isWellFormed(type, bytes)) return value as ValueOf<T>;
    again = type.serialize(value);
  } catch (cause) {
    throw new FlkError("ERR_DECODE", `not a valid ${type.typeName}`, { bytes: bytes.length }, { cause });
  }
  if (!equalBytes(again, bytes)) {
    throw new FlkError("ERR_DECODE", `not the canonical encoding of ${type.typeName}`, {
      bytes: bytes.length,
    });
  }
  return value as ValueOf<T>;
}

/** Digests and signatures are shorter: two views of them cost more than their bytes one by one. */
const LEAST_BYTES_BY_WORD = 128;

/** Not in constant time: for what is public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const words = a.length < LEAST_BYTES_BY_WORD ? 0 : a.length - (a.length % 4);
  if (words > 0 && !equalWords(a, b, words)) return false;
  for (let i = words; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Byte by byte is three times slower, which shows where whole batches are compared. */
function equalWords(a: Uint8Array, b: Uint8Array, bytes: number): boolean {
  const left = new DataView(a.buffer, a.byteOffset, bytes);
  const right = new DataView(b.buffer, b.byteOffset, bytes);
  for (let i = 0; i < bytes; i += 4) if (left.getUint32(i) !== right.getUint32(i)) return false;
  return true;
}

/** Lexicographic order, as for sorted keys and parents. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const d = (a[i] as number) - (b[i] as number);
    if (d !== 0) return d;
  }
  return a.length - b.length;
}
