import type { Clock } from "#node/interface/clock.ts";
import type { FlkError } from "#protocol/errors/error.ts";
import { networkError } from "./errors.ts";

const MAX_PENDING = 4096;

interface Pending {
  resolve(answer: Uint8Array): void;
  reject(error: FlkError): void;
}

/** Requests of one stream that wait for their answer. */
export class PendingRequests {
  #clock: Clock;
  #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `send` puts the request into the queue and says whether there was room. */
  create(
    options: { timeoutMs: number; signal?: AbortSignal },
    send: (id: number) => boolean,
  ): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(aborted());
      const id = this.#nextId;
      this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
      if (this.#pending.size >= MAX_PENDING || this.#pending.has(id) || !send(id)) {
        return reject(unreachable("its queue is full"));
      }
      const settle = () => {
        this.#pending.delete(id);
        cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const fail = (error: FlkError) => {
        settle();
        reject(error);
      };
      const onAbort = () => fail(aborted());
      const cancel = this.#clock.after(timeoutMs, () =>
        fail(networkError("ERR_REQUEST_TIMEOUT", `no answer within ${timeoutMs} ms`, { timeoutMs })),
      );
      signal?.addEventListener("abort", onAbort);
      const answered = (answer: Uint8Array) => {
        settle();
        resolve(answer);
      };
      this.#pending.set(id, { resolve: answered, reject: fail });
    });
  }

  /** Whether an answer to it is waited for. */
  has(id: number): boolean {
    return this.#pending.has(id);
  }

  resolve(id: number, answer: Uint8Array): void {
    this.#pending.get(id)?.resolve(answer);
  }

  refuse(id: number, reason: Uint8Array): void {
    const text = new TextDecoder().decode(reason.subarray(0, 64));
    const remoteCode = /^[A-Z][A-Z0-9_]{0,63}$/.test(text) ? text : "ERR_UNKNOWN";
    const error = networkError("ERR_REQUEST_REFUSED", `the peer refused: ${remoteCode}`, { remoteCode });
    this.#pending.get(id)?.reject(error);
  }

  failAll(): void {
    for (const pending of [...this.#pending.values()]) pending.reject(unreachable("the connection ended"));
  }
}

function aborted(): FlkError {
  return networkError("ERR_ABORTED", "the request was given up");
}

export function unreachable(why: string, data: Record<string, number> = {}): FlkError {
  return networkError("ERR_PEER_UNREACHABLE", `cannot reach the peer: ${why}`, data);
}
