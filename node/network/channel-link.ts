import type { Stream, StreamMessageEvent } from "@libp2p/interface";
import type { Clock } from "#node/interface/clock.ts";
import { type Channel, HONEST_REFUSALS } from "#node/interface/network.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { networkError } from "./errors.ts";
import { FrameQueue } from "./frame-queue.ts";
import { FRAME, type Frame, FrameDecoder, frameSize, isFlowControlled } from "./frames.ts";
import { Outbox, WINDOW_BYTES } from "./outbox.ts";
import { PendingRequests } from "./pending-requests.ts";
import type { RateLimiter } from "./rate-limiter.ts";

const ACK_EVERY_BYTES = 64 * 1024;
const MAX_INBOUND_REQUESTS = 256;
/** Frames held that nobody has dealt with: the window bounds their bytes, this what small ones cost beside. */
const MAX_HELD_FRAMES = 32_768;

/** What a peer did that costs it the connection, or only a count. */
export type Blame =
  | "not_frames"
  | "unknown_frame"
  | "window_exceeded"
  | "false_ack"
  | "handler_failed"
  | "busy"
  | "unsolicited"
  | "silent";

export interface ChannelEvents {
  onMessage(message: Uint8Array): void | Promise<void>;
  onRequest(request: Uint8Array): Promise<Uint8Array>;
  onReceived(bytes: number): void;
  onSent(bytes: number): void;
  onDropped(): void;
  /** it says more than it may: what comes waits */
  onLimited(): void;
  /** counted; the connection stays */
  onBlame(reason: Blame, error?: unknown): void;
  /** the stream is of no use any more: the whole connection ends */
  onBroken(reason: Blame | "closed", error?: Error): void;
}

/** One long-lived stream to one peer: messages in order, requests with ids, and acks that bound the bytes in flight. */
export class ChannelLink {
  readonly channel: Channel;
  lastReceived: number;
  #clock: Clock;
  #events: ChannelEvents;
  #outbox: Outbox;
  #decoder = new FrameDecoder();
  #requests: PendingRequests;
  /** undefined until `activate`: what arrives before waits here, bounded by the window */
  #waiting: Frame[] | undefined = [];
  #limiter: RateLimiter;
  /** waits for the limiter */
  #gated = new FrameQueue();
  #cancelGate: (() => void) | undefined;
  #inbox = new FrameQueue();
  #held = 0;
  #draining = false;
  #unacked = 0;
  #toAck = 0;
  #serving = 0;
  #closed = false;

  constructor(channel: Channel, stream: Stream, clock: Clock, limiter: RateLimiter, events: ChannelEvents) {
    this.channel = channel;
    this.#clock = clock;
    this.#events = events;
    this.lastReceived = clock.elapsed();
    this.#requests = new PendingRequests(clock);
    this.#limiter = limiter;
    this.#outbox = new Outbox(stream, (error) => this.#break("closed", error));
    stream.addEventListener("message", (event) => this.#receive(event));
    stream.addEventListener("close", (event) => this.#break("closed", event.error));
    stream.addEventListener("remoteCloseWrite", () => this.#break("closed"));
  }

  /** From now on what arrives reaches the handlers. */
  activate(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const frame of waiting) this.#admit(frame);
  }

  send(message: Uint8Array): boolean {
    return this.#enqueue(FRAME.message, 0, message);
  }

  /** @throws ERR_PEER_UNREACHABLE, ERR_REQUEST_TIMEOUT, ERR_REQUEST_REFUSED, ERR_ABORTED */
  request(message: Uint8Array, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Uint8Array> {
    return this.#requests.create(options, (id) => this.#enqueue(FRAME.request, id, message));
  }

  ping(): void {
    this.#outbox.urgent(FRAME.ping, 0);
  }

  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#outbox.close();
    this.#cancelGate?.();
    this.#gated.clear();
    this.#inbox.clear();
    this.#waiting = undefined;
    this.#requests.failAll();
  }

  #enqueue(kind: number, id: number, body: Uint8Array): boolean {
    if (body.length > MAX_MESSAGE_BYTES) {
      throw networkError("ERR_MESSAGE_TOO_LARGE", `a message has at most ${MAX_MESSAGE_BYTES} bytes`, {
        bytes: body.length,
      });
    }
    const queued = this.#outbox.enqueue(kind, id, body);
    if (queued) this.#events.onSent(body.length);
    else this.#events.onDropped();
    return queued;
  }

  #break(reason: Blame | "closed", error?: Error): void {
    if (this.#closed) return;
    this.close();
    this.#events.onBroken(reason, error);
  }

  #receive(event: StreamMessageEvent): void {
    if (this.#closed) return;
    this.lastReceived = this.#clock.elapsed();
    const chunks = event.data instanceof Uint8Array ? [event.data] : event.data;
    for (const chunk of chunks) {
      const frames = this.#decoder.push(chunk);
      if (!frames) {
        this.#break("not_frames");
        return;
      }
      for (const frame of frames) {
        if (this.#closed) return;
        this.#accept(frame);
      }
    }
  }

  #accept(frame: Frame): void {
    if (!isFlowControlled(frame.kind)) {
      if (frame.kind === FRAME.ack && !this.#outbox.acknowledged(frame.id)) this.#break("false_ack");
      return;
    }
    this.#unacked += frameSize(frame.body);
    if (this.#unacked > WINDOW_BYTES || ++this.#held > MAX_HELD_FRAMES) {
      this.#break("window_exceeded");
      return;
    }
    this.#events.onReceived(frame.body.length);
    if (this.#waiting) this.#waiting.push(frame);
    else this.#admit(frame);
  }

  /** Answers that were asked for pass at once; all else is rationed, in order. */
  #admit(frame: Frame): void {
    const isAnswer = frame.kind === FRAME.response || frame.kind === FRAME.refusal;
    if (isAnswer && this.#requests.has(frame.id)) {
      this.#dispatch(frame);
      return;
    }
    this.#gated.push(frame);
    if (!this.#cancelGate) this.#ration();
  }

  #ration(): void {
    this.#cancelGate = undefined;
    for (let frame = this.#gated.first(); frame && !this.#closed; frame = this.#gated.first()) {
      const wait = this.#limiter.take(frame.body.length, this.#clock.elapsed());
      if (wait > 0) {
        this.#events.onLimited();
        this.#cancelGate = this.#clock.after(wait, () => this.#ration());
        return;
      }
      this.#gated.shift();
      this.#dispatch(frame);
    }
  }

  #dispatch(frame: Frame): void {
    switch (frame.kind) {
      case FRAME.message:
        this.#inbox.push(frame);
        void this.#drainInbox();
        return;
      case FRAME.request:
        void this.#serve(frame);
        return;
      case FRAME.response:
      case FRAME.refusal:
        // an unknown id is an answer that came too late, or to nothing
        if (!this.#requests.has(frame.id)) this.#events.onBlame("unsolicited");
        else if (frame.kind === FRAME.response) this.#requests.resolve(frame.id, frame.body);
        else this.#requests.refuse(frame.id, frame.body);
        this.#consumed(frame);
        return;
      default:
        this.#break("unknown_frame");
    }
  }

  /** One message at a time, so that handlers see them in order and a slow one slows its sender down. */
  async #drainInbox(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    for (let frame = this.#inbox.shift(); frame; frame = this.#inbox.shift()) {
      try {
        const handled = this.#events.onMessage(frame.body);
        if (handled) await handled;
      } catch (error) {
        this.#events.onBlame("handler_failed", error);
        this.#limiter.penalise(this.#clock.elapsed());
      }
      this.#consumed(frame);
    }
    this.#draining = false;
  }

  async #serve(frame: Frame): Promise<void> {
    if (this.#serving >= MAX_INBOUND_REQUESTS) {
      this.#events.onBlame("busy");
      this.#refuse(frame.id, "ERR_PEER_BUSY");
      this.#consumed(frame);
      return;
    }
    this.#serving++;
    try {
      const answer = await this.#events.onRequest(frame.body);
      this.#enqueue(FRAME.response, frame.id, answer);
    } catch (error) {
      const code = errorCode(error);
      if (!HONEST_REFUSALS.has(code)) this.#events.onBlame("handler_failed", error);
      // other refusals cost no more than an answer
      if (code === "ERR_DECODE") this.#limiter.penalise(this.#clock.elapsed());
      this.#refuse(frame.id, code);
    } finally {
      this.#serving--;
      this.#consumed(frame);
    }
  }

  #refuse(id: number, code: string): void {
    this.#enqueue(FRAME.refusal, id, new TextEncoder().encode(code));
  }

  #consumed(frame: Frame): void {
    const size = frameSize(frame.body);
    this.#unacked -= size;
    this.#held--;
    this.#toAck += size;
    if (this.#closed || this.#toAck < ACK_EVERY_BYTES) return;
    this.#outbox.urgent(FRAME.ack, this.#toAck);
    this.#toAck = 0;
  }
}
