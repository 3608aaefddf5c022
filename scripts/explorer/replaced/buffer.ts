class Bytes extends Uint8Array {
  writeUIntLE(value: number, offset: number, byteLength: number): number {
    let rest = value;
    for (let i = 0; i < byteLength; i++) {
      this[offset + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return offset + byteLength;
  }
}

/** In place of Node's, as far as `@chainsafe/ssz` uses it without asking whether it is there. */
export const Buffer = {
  alloc: (length: number): Bytes => new Bytes(length),
  from: (buffer: ArrayBuffer, offset: number, length: number): Bytes => new Bytes(buffer, offset, length),
};
