import type { Clock } from "#node/interface/clock.ts";
import type { Network } from "#node/interface/network.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import type { Meter } from "./meter.ts";
import { ROUNDS } from "./rounds.ts";
import type { Samples } from "./samples.ts";
import { MAX_SAMPLE_BYTES, SampleAnswer, SampleRequest } from "./wire.ts";

/** ms between two questions, at least */
const MIN_GAP_MS = 100;
/** of questions that wait for their answer */
const MAX_WAITING = 8;
const TIMEOUT_MS = 5_000;

export interface ProberOptions {
  network: Pick<Network, "request">;
  meter: Meter;
  samples: Samples;
  clock: Clock;
  /** in [0, 1); not to be foreseen by others */
  random: () => number;
  onError(error: unknown): void;
}

/**
 * Asks observed peers, at times and in an order that nobody can foresee, for a sign of life or for bytes of a content that
 * this node holds too (REP-PROBE). Connections are authenticated: who answers is who is asked.
 */
export class Prober {
  readonly #o: ProberOptions;
  readonly #waiting = new Set<Promise<void>>();
  #cancel: (() => void) | undefined;
  #gapMs = MIN_GAP_MS;
  #stopped = true;

  constructor(options: ProberOptions) {
    this.#o = options;
  }

  /** @param durationMs in which every observed peer is to be asked ROUNDS times for each */
  begin(durationMs: number): void {
    const questions = 2 * ROUNDS * Math.max(1, this.#o.meter.observed().length);
    this.#gapMs = Math.max(MIN_GAP_MS, durationMs / questions);
    this.#stopped = false;
    this.#cancel?.();
    this.#next();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await Promise.all(this.#waiting);
  }

  /** Exponential gaps: how long it was quiet says nothing about the next question. */
  #next(): void {
    if (this.#stopped) return;
    const gap = -Math.log(1 - this.#o.random()) * this.#gapMs;
    this.#cancel = this.#o.clock.after(Math.ceil(gap), () => {
      this.#ask();
      this.#next();
    });
  }

  #ask(): void {
    const observed = this.#o.meter.observed();
    const node = observed[Math.floor(this.#o.random() * observed.length)];
    if (node === undefined || this.#waiting.size >= MAX_WAITING) return;
    const question = this.#o.random() < 0.5 ? this.#probe(node) : this.#sample(node);
    const guarded = question.catch((error: unknown) => this.#o.onError(error));
    this.#waiting.add(guarded);
    void guarded.finally(() => this.#waiting.delete(guarded));
  }

  async #probe(node: number): Promise<void> {
    const start = this.#o.clock.elapsed();
    const answer = await this.#request(node, { hash: new Uint8Array(32), offset: 0, length: 0 });
    this.#o.meter.probe(node, answer ? this.#o.clock.elapsed() - start : undefined);
  }

  async #sample(node: number): Promise<void> {
    const { samples, meter, random, clock } = this.#o;
    const content = await samples.pick(random);
    if (!content) return;
    const offset = Math.floor(random() * Math.max(1, content.size - MAX_SAMPLE_BYTES));
    const own = await samples.read(content.hash, offset, MAX_SAMPLE_BYTES);
    if (!own) return;
    const start = clock.elapsed();
    const answer = await this.#request(node, { hash: content.hash, offset, length: own.length });
    if (!answer) meter.request(node, "failed");
    else if (answer.held === 1 && !equalBytes(answer.bytes, own)) meter.request(node, "wrong");
    else if (answer.held === 1) {
      meter.request(node, "answered");
      meter.content(node, answer.bytes.length, clock.elapsed() - start);
    }
  }

  /** undefined when the peer did not answer in time; what cannot be read holds nothing */
  async #request(node: number, request: SampleRequest): Promise<SampleAnswer | undefined> {
    try {
      const bytes = SampleRequest.serialize(request);
      const answer = await this.#o.network.request(node, "probe", bytes, { timeoutMs: TIMEOUT_MS });
      return decode(SampleAnswer, answer);
    } catch (error) {
      if (isFlkError(error, "ERR_DECODE")) return { held: 1, bytes: new Uint8Array() };
      if (NO_ANSWER.some((code) => isFlkError(error, code))) return undefined;
      throw error;
    }
  }
}

const NO_ANSWER = ["ERR_PEER_UNREACHABLE", "ERR_REQUEST_TIMEOUT", "ERR_REQUEST_REFUSED"] as const;
