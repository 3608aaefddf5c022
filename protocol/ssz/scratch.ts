import type { Type } from "@chainsafe/ssz";

const SCRATCH_BYTES = 512;
const uint8Array = new Uint8Array(SCRATCH_BYTES);
const scratch = { uint8Array, dataView: new DataView(uint8Array.buffer) };

/** Hands the SSZ bytes of `value` to `use`, which must not keep them: memory of its own costs more than a small value's bytes. */
export function withBytes<T, R>(type: Type<T>, value: T, use: (bytes: Uint8Array) => R): R {
  const size = type.value_serializedSize(value);
  if (size > SCRATCH_BYTES) return use(type.serialize(value));
  type.value_serializeToBytes(scratch, 0, value);
  return use(uint8Array.subarray(0, size));
}
