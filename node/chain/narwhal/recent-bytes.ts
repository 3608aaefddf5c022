/** Byte strings by key, up to `limit` bytes in all: the oldest make room. */
export class RecentBytes {
  readonly #limit: number;
  #items = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Uint8Array | undefined {
    return this.#items.get(key);
  }

  put(key: string, bytes: Uint8Array): void {
    this.delete(key);
    this.#items.set(key, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#items.keys()) {
      if (this.#bytes <= this.#limit) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#items.get(key)?.length ?? 0;
    this.#items.delete(key);
  }
}
