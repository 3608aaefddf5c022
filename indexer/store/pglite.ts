import { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { concatBytes } from "@noble/hashes/utils.js";
import { FlkError } from "#protocol/errors/error.ts";
import type { IndexerErrorCode } from "../errors.ts";
import type { FromThread, ToThread } from "./pglite-thread.ts";

/** for the statement that runs, and to write everything */
const CLOSE_MS = 30_000;

/** PGlite in a thread of its own, which speaks PostgreSQL's protocol to one client of `pg` at a time: it has one session. */
export interface Pglite {
  /** In place of the socket that a client would open. Fails with ERR_DATABASE once the thread has ended. */
  stream(): Duplex;
  /** Once clients have ended; resolves when everything is written and the thread is gone. @throws ERR_DATABASE */
  close(): Promise<void>;
}

/** @throws ERR_DATABASE when it cannot be opened */
export async function openPglite(dataDir: string): Promise<Pglite> {
  const thread = new Thread(dataDir);
  await thread.opened;
  return { stream: () => new ThreadStream(thread), close: () => thread.close() };
}

class Thread {
  readonly opened: Promise<void>;
  /** why nothing is answered any more */
  failure: FlkError | undefined;
  readonly #worker: Worker;
  readonly #exited: Promise<unknown>;
  readonly #streams = new Set<ThreadStream>();
  /** who waits for answers, in the order of the questions */
  readonly #asked: ThreadStream[] = [];
  #closing = false;

  constructor(dataDir: string) {
    this.#worker = new Worker(new URL("./pglite-thread.ts", import.meta.url), { workerData: dataDir });
    const fail = (cause: unknown) => this.#fail(dataDir, cause);
    this.#exited = new Promise((resolve) => this.#worker.once("exit", resolve));
    this.opened = new Promise((resolve, reject) => {
      this.#worker.once("message", () => {
        this.#worker.on("message", (bytes: FromThread) => this.#answer(bytes as Uint8Array)).unref();
        resolve();
      });
      this.#worker.on("error", (cause) => reject(fail(cause)));
      this.#worker.on("exit", (code) => {
        if (!this.#closing || code !== 0) reject(fail(new Error(`its thread ended with ${code}`)));
      });
    });
  }

  add(stream: ThreadStream): void {
    this.#streams.add(stream);
  }

  remove(stream: ThreadStream): void {
    this.#streams.delete(stream);
  }

  ask(stream: ThreadStream, message: Uint8Array<ArrayBuffer>): void {
    // a process that waits for an answer does not end
    if (this.#asked.push(stream) === 1) this.#worker.ref();
    this.#worker.postMessage(message satisfies ToThread, [message.buffer]);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#worker.ref();
    this.#worker.postMessage("close" satisfies ToThread);
    const late = setTimeout(() => void this.#worker.terminate(), this.failure ? 0 : CLOSE_MS);
    await this.#exited;
    clearTimeout(late);
    if (this.failure) throw this.failure;
  }

  #answer(bytes: Uint8Array): void {
    const stream = this.#asked.shift();
    if (this.#asked.length === 0 && !this.#closing) this.#worker.unref();
    if (bytes.length > 0 && !stream?.destroyed) stream?.push(bytes);
  }

  #fail(dataDir: string, cause: unknown): FlkError {
    const code: IndexerErrorCode = "ERR_DATABASE";
    this.failure ??= new FlkError(
      code,
      `the embedded database in ${dataDir} has ended`,
      { dataDir },
      { cause },
    );
    this.#asked.length = 0;
    for (const stream of this.#streams) stream.destroy(this.failure);
    return this.failure;
  }
}

/** What `pg` takes for a socket. */
class ThreadStream extends Duplex {
  readonly #thread: Thread;

  constructor(thread: Thread) {
    super();
    this.#thread = thread;
  }

  connect(): this {
    this.#thread.add(this);
    if (this.#thread.failure) this.destroy(this.#thread.failure);
    else process.nextTick(() => this.emit("connect"));
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#thread.ask(this, concatBytes(chunk));
    done();
  }

  /** The messages of one query come together. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#thread.ask(this, concatBytes(...chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#thread.remove(this);
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  /** The thread is held while it is asked. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
