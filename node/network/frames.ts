import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";

/** On the wire: length u32 BE | kind u8 | id u32 BE | body. Append only. */
export const FRAME = {
  /** body: a message */
  message: 1,
  /** body: a request, `id` chosen by the requester */
  request: 2,
  /** body: the answer to `id` */
  response: 3,
  /** body: the error code of the answer to `id`, ASCII */
  refusal: 4,
  /** no body; `id`: bytes of flow-controlled frames that the receiver has dealt with since its last ack */
  ack: 5,
  /** no body: shows that the sender lives */
  ping: 6,
} as const;

export interface Frame {
  kind: number;
  id: number;
  body: Uint8Array;
}

const LENGTH_BYTES = 4;
const HEAD_BYTES = 5;
const FRAME_OVERHEAD = LENGTH_BYTES + HEAD_BYTES;

/** Bytes that a frame takes of the flow-control window. */
export function frameSize(body: Uint8Array): number {
  return FRAME_OVERHEAD + body.length;
}

export function isFlowControlled(kind: number): boolean {
  return kind !== FRAME.ack && kind !== FRAME.ping;
}

export function encodeFrame(kind: number, id: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(frameSize(body));
  const view = new DataView(out.buffer);
  view.setUint32(0, HEAD_BYTES + body.length);
  view.setUint8(LENGTH_BYTES, kind);
  view.setUint32(LENGTH_BYTES + 1, id);
  out.set(body, FRAME_OVERHEAD);
  return out;
}

/** Splits a byte stream into frames; holds at most one frame's bytes. */
export class FrameDecoder {
  #length = new Uint8Array(LENGTH_BYTES);
  #frame: Uint8Array | undefined;
  #filled = 0;

  /** Frames that `chunk` completed; undefined when the bytes are not frames: the stream is then of no use. */
  push(chunk: Uint8Array): Frame[] | undefined {
    const frames: Frame[] = [];
    for (let at = 0; at < chunk.length; ) {
      const target: Uint8Array = this.#frame ?? this.#length;
      const part = chunk.subarray(at, at + target.length - this.#filled);
      target.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < target.length) continue;
      this.#filled = 0;
      if (this.#frame === undefined) {
        const length = new DataView(this.#length.buffer).getUint32(0);
        if (length < HEAD_BYTES || length > HEAD_BYTES + MAX_MESSAGE_BYTES) return undefined;
        this.#frame = new Uint8Array(length);
      } else {
        frames.push(parse(this.#frame));
        this.#frame = undefined;
      }
    }
    return frames;
  }
}

function parse(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer);
  return { kind: view.getUint8(0), id: view.getUint32(1), body: bytes.subarray(HEAD_BYTES) };
}
