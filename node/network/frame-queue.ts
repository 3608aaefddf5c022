import type { Frame } from "./frames.ts";

const COMPACT_AT = 1024;

/** First in, first out; without moving the rest at every step. */
export class FrameQueue {
  #frames: Frame[] = [];
  #head = 0;

  get length(): number {
    return this.#frames.length - this.#head;
  }

  push(frame: Frame): void {
    this.#frames.push(frame);
  }

  first(): Frame | undefined {
    return this.#frames[this.#head];
  }

  shift(): Frame | undefined {
    const frame = this.#frames[this.#head];
    if (!frame) return undefined;
    this.#head++;
    if (this.#head === this.#frames.length || this.#head > COMPACT_AT) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    return frame;
  }

  clear(): void {
    this.#frames = [];
    this.#head = 0;
  }
}
