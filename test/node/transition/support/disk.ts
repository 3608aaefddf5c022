import type { State } from "#node/transition/state.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";

/** The records as a store would hold them after each batch. */
export class Disk {
  readonly #records = new Map<string, Uint8Array>();

  save(state: State): void {
    for (const { key, value } of state.takeWrites()) {
      if (value === null) this.#records.delete(toHex(key));
      else this.#records.set(toHex(key), value);
    }
  }

  records(): [Uint8Array, Uint8Array][] {
    return [...this.#records].map(([key, value]) => [fromHex(key as `0x${string}`), value]);
  }
}
