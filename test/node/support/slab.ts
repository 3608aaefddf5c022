/** bytes */
const SIZE = 65_536;

/**
 * Memory for small byte arrays, many to a buffer: what each of them would take to allocate and to free is more than most of what
 * is done with it. Each byte is given once. One array that is kept keeps its whole buffer.
 */
export class Slab {
  #bytes = Buffer.alloc(SIZE);
  #taken = 0;

  /** `length` bytes, all zero */
  take(length: number): Uint8Array {
    if (length > SIZE) return new Uint8Array(length);
    const at = this.#place(length);
    return new Uint8Array(this.#bytes.buffer, at, length);
  }

  copy(bytes: Uint8Array): Uint8Array {
    const copied = this.take(bytes.length);
    copied.set(bytes);
    return copied;
  }

  /** One byte for each character. */
  latin1(text: string): Uint8Array {
    const { length } = text;
    if (length > SIZE) return new Uint8Array(Buffer.from(text, "latin1"));
    const at = this.#place(length);
    this.#bytes.write(text, at, length, "latin1");
    return new Uint8Array(this.#bytes.buffer, at, length);
  }

  #place(length: number): number {
    if (this.#taken + length > SIZE) {
      this.#bytes = Buffer.alloc(SIZE);
      this.#taken = 0;
    }
    const at = this.#taken;
    this.#taken += length;
    return at;
  }
}
