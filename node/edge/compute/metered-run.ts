import { setImmediate } from "node:timers/promises";
import type { Transfer } from "#node/delivery/credit.ts";
import type { Delivery } from "#node/delivery/delivery.ts";
import type { Session } from "#node/delivery/sessions.ts";
import { edgeError } from "../errors.ts";
import { runMemoryLimit } from "./memory-limit.ts";
import { Sandbox } from "./sandbox.ts";

/** ms of a run that are granted at once: what it says of its progress is as fine */
const SLICE_MS = 100;

export interface MeteredRun {
  delivery: Delivery;
  session: Session;
  transfer: Transfer;
  module: Uint8Array;
  input: Uint8Array;
  /** the run is ended when it has taken so many ms */
  maxMs: number;
  signal: AbortSignal;
  /** ms of the run so far, as far as they can be acknowledged */
  onProgress(ms: number): void;
}

/**
 * Runs a module in a sandbox for as long as the client acknowledges: it never takes more ms than the credit window beyond what is
 * acknowledged, and stands still while there is no credit. Rules D3, D13. `ms` is what counts as served.
 * @throws the codes of Sandbox, ERR_COMPUTE_TIMEOUT, ERR_CLIENT_GONE, and those of `Delivery.reserve`
 */
export async function runMetered(run: MeteredRun): Promise<{ output: Uint8Array; ms: number }> {
  const memory = await runMemoryLimit();
  if (run.signal.aborted) throw clientGone();
  const sandbox = new Sandbox(memory);
  const onAbort = (): void => sandbox.kill();
  run.signal.addEventListener("abort", onAbort);
  const meter = new Meter(run, sandbox);
  try {
    await sandbox.up;
    await meter.grant();
    meter.resume();
    sandbox.start(run.module, run.input);
    const output = await Promise.race([sandbox.output, meter.keepGranting()]);
    return { output, ms: meter.settle() };
  } catch (error) {
    meter.settle();
    throw run.signal.aborted ? clientGone() : error;
  } finally {
    run.signal.removeEventListener("abort", onAbort);
    sandbox.kill();
  }
}

function clientGone(): Error {
  return edgeError("ERR_CLIENT_GONE", "the client closed the connection");
}

/** Grants a run its ms slice by slice, and stops the process between them when the next one has to be waited for. */
class Meter {
  readonly #run: MeteredRun;
  readonly #sandbox: Sandbox;
  #granted = 0;
  #used = 0;
  #begun = false;
  #since: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop = new AbortController();

  constructor(run: MeteredRun, sandbox: Sandbox) {
    this.#run = run;
    this.#sandbox = sandbox;
  }

  async grant(): Promise<void> {
    const { delivery, session, transfer, maxMs } = this.#run;
    const signal = AbortSignal.any([this.#run.signal, this.#stop.signal]);
    const slice = Math.min(SLICE_MS, maxMs - this.#granted);
    this.#granted += await delivery.reserve(session, transfer, slice, signal);
  }

  resume(): void {
    this.#begun = true;
    this.#since = performance.now();
    this.#sandbox.resume();
  }

  #pause(): void {
    this.#used = this.#elapsed();
    this.#since = undefined;
    this.#sandbox.pause();
  }

  #elapsed(): number {
    return this.#used + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }

  /** Never resolves: rejects when there is no more to grant. Whatever it waited for, it may have been settled meanwhile. */
  async keepGranting(): Promise<never> {
    const { signal } = this.#stop;
    for (;;) {
      await this.#until(this.#granted);
      signal.throwIfAborted();
      this.#run.onProgress(this.#granted);
      if (this.#granted >= this.#run.maxMs) {
        throw edgeError("ERR_COMPUTE_TIMEOUT", `the run has taken ${this.#run.maxMs} ms`);
      }
      let granted = false;
      const granting = this.grant().then(() => {
        granted = true;
      });
      granting.catch(() => undefined);
      await setImmediate();
      signal.throwIfAborted();
      if (!granted) this.#pause();
      await granting;
      signal.throwIfAborted();
      if (this.#since === undefined) this.resume();
    }
  }

  /** Grants no more, and gives back what was not used; at least one ms is, once it has begun. Returns what is. */
  settle(): number {
    const { delivery, session, transfer } = this.#run;
    this.#stop.abort();
    clearTimeout(this.#timer);
    const sent = Number(transfer.sent);
    const ms = this.#begun ? Math.min(Math.max(1, Math.ceil(this.#elapsed())), sent) : 0;
    if (sent > ms) delivery.giveBack(session, transfer, sent - ms);
    return ms;
  }

  #until(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        const left = ms - this.#elapsed();
        if (left <= 0) resolve();
        else this.#timer = setTimeout(look, Math.ceil(left));
      };
      look();
    });
  }
}
