import type { Stream } from "@libp2p/interface";
import { encodeFrame, frameSize, isFlowControlled } from "./frames.ts";

/** Bytes in flight, per stream and direction, that the receiver has not dealt with yet. Part of the protocol. */
export const WINDOW_BYTES: number = 2 * 1024 * 1024;
const QUEUE_BYTES = 4 * 1024 * 1024;
const QUEUE_FRAMES = 8192;
/** One write to the stream: small frames share it. */
const WRITE_BYTES = 256 * 1024;

/**
 * The sending half of a stream: a bounded queue, drained as the receiver's acks and the stream allow. libp2p streams
 * do not push back by themselves, so the acks are what bounds memory on both sides.
 */
export class Outbox {
  #stream: Stream;
  #queue: Uint8Array[] = [];
  #head = 0;
  #queuedBytes = 0;
  #urgent: Uint8Array[] = [];
  #inFlight = 0;
  #scheduled = false;
  #closed = false;
  #onFailure: (error: Error) => void;

  constructor(stream: Stream, onFailure: (error: Error) => void) {
    this.#stream = stream;
    this.#onFailure = onFailure;
    stream.addEventListener("drain", () => this.#schedule());
  }

  /** False when the queue is full: the frame is then dropped. */
  enqueue(kind: number, id: number, body: Uint8Array): boolean {
    const size = frameSize(body);
    const frames = this.#queue.length - this.#head;
    if (this.#closed || frames >= QUEUE_FRAMES || this.#queuedBytes + size > QUEUE_BYTES) return false;
    this.#queue.push(encodeFrame(kind, id, body));
    this.#queuedBytes += size;
    this.#schedule();
    return true;
  }

  /** For acks and pings: ahead of the queue, outside the window. */
  urgent(kind: number, id: number): void {
    if (this.#closed || isFlowControlled(kind)) return;
    this.#urgent.push(encodeFrame(kind, id, new Uint8Array(0)));
    this.#schedule();
  }

  /** False when the peer acknowledges more than it was sent. */
  acknowledged(bytes: number): boolean {
    if (bytes > this.#inFlight) return false;
    this.#inFlight -= bytes;
    this.#schedule();
    return true;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#urgent = [];
    this.#head = 0;
    this.#queuedBytes = 0;
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#drain();
    });
  }

  #drain(): void {
    try {
      while (!this.#closed && !this.#stream.writableNeedsDrain) {
        const frames = this.#take();
        if (frames.length === 0) return;
        this.#stream.send(frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames));
      }
    } catch (error) {
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(): Uint8Array[] {
    const frames = this.#urgent;
    this.#urgent = [];
    let bytes = 0;
    while (this.#head < this.#queue.length && bytes < WRITE_BYTES) {
      const frame = this.#queue[this.#head] as Uint8Array;
      if (this.#inFlight + frame.length > WINDOW_BYTES) break;
      this.#inFlight += frame.length;
      this.#queuedBytes -= frame.length;
      bytes += frame.length;
      frames.push(frame);
      this.#head++;
    }
    if (this.#head === this.#queue.length || this.#head > 1024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return frames;
  }
}
