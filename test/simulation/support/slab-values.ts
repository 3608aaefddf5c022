import { Type } from "@chainsafe/ssz";
import { Bytes96 } from "#protocol/types/primitives.ts";
import { Slab } from "#test/node/support/slab.ts";

/** bytes */
const SIZE = 65_536;
const MAX_ENCODED = 8_192;

let isUsed = false;

/**
 * For the rest of the process: what is encoded, and signatures that are decoded, share buffers instead of having one each, which
 * costs more than all else that is done with them.
 */
export function useSlabs(): void {
  if (isUsed) return;
  isUsed = true;
  encodeIntoSlabs();
  const slab = new Slab();
  Bytes96.value_deserializeFromBytes = ({ uint8Array }, start, end) => {
    Bytes96.assertValidByteLength(end - start);
    return slab.copy(uint8Array.subarray(start, end));
  };
}

function encodeIntoSlabs(): void {
  const encode = Type.prototype.serialize;
  let output = newOutput();
  let taken = 0;
  Type.prototype.serialize = function serialize(value) {
    const size = this.value_serializedSize(value);
    if (size > MAX_ENCODED) return encode.call(this, value);
    if (taken + size > SIZE) {
      output = newOutput();
      taken = 0;
    }
    const at = taken;
    taken += size;
    this.value_serializeToBytes(output, at, value);
    return output.uint8Array.subarray(at, at + size);
  };
}

function newOutput(): { uint8Array: Uint8Array; dataView: DataView } {
  const uint8Array = new Uint8Array(SIZE);
  return { uint8Array, dataView: new DataView(uint8Array.buffer) };
}
