import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { MAX_COMPUTE_OUTPUT_BYTES } from "#protocol/types/edge-http.ts";
import { type EdgeCode, edgeError } from "../errors.ts";

const RUNNER = fileURLToPath(new URL("./runner.ts", import.meta.url));
/** MiB of the process's own heap; 64-KiB pages of a module's memory; entries of a table */
const HEAP_MIB = 64;
const MEMORY_PAGES = 1_024;
const TABLE_ENTRIES = 65_536;
const MESSAGE_BYTES = 1_024;
/** s of processor, of all its threads: more than any run takes */
const MAX_CPU_S = 120;
/**
 * Becomes the process of the run, and leaves a watcher beside it that waits for the pipe 3: a line means that the run is over, its
 * end without one that the node died, and then the run dies too, stopped or not.
 */
const LAUNCH = `(read -r _ <&3 || kill -KILL $$) </dev/null >/dev/null 2>&1 &
ulimit -c 0 && ulimit -t ${MAX_CPU_S} && { [ "$0" = unlimited ] || ulimit -d "$0"; } && exec "$@" 3<&-`;

/** As runner.ts ends. */
const ENDS: readonly (EdgeCode | undefined)[] = [
  undefined,
  "ERR_COMPUTE_MODULE",
  "ERR_COMPUTE_TRAP",
  "ERR_COMPUTE_OUTPUT",
];

/**
 * One run of one module in a process that may open nothing, has bounded memory, and can be stopped at any moment. Whatever it
 * does, this process goes on; when this process ends, however, so does the run.
 */
export class Sandbox {
  /** @throws ERR_COMPUTE_MODULE, ERR_COMPUTE_TRAP, ERR_COMPUTE_OUTPUT, ERR_COMPUTE_MEMORY (it died, or was killed) */
  readonly output: Promise<Uint8Array>;
  /** resolves when the process is up: what comes before is no part of a run. @throws ERR_COMPUTE_FAILED */
  readonly up: Promise<void>;
  readonly #child: ChildProcess;
  #running = true;

  /** `memoryKib`: of writable memory that the process may have; no limit when absent */
  constructor(memoryKib?: number) {
    const flags = [
      "--permission",
      `--allow-fs-read=${RUNNER}`,
      `--max-old-space-size=${HEAP_MIB}`,
      `--wasm-max-mem-pages=${MEMORY_PAGES}`,
      `--wasm-max-table-size=${TABLE_ENTRIES}`,
      "--disable-warning=ExperimentalWarning",
    ];
    const command = ["-c", LAUNCH, String(memoryKib ?? "unlimited"), process.execPath, ...flags, RUNNER];
    this.#child = spawn("/bin/sh", command, { stdio: ["pipe", "pipe", "ignore", "pipe"], env: {} });
    const up = Promise.withResolvers<void>();
    this.up = up.promise;
    this.output = this.#collect(up.resolve);
    // whoever kills it need not wait for it
    this.output.catch(up.reject);
    this.up.catch(() => undefined);
    this.#child.stdin?.on("error", () => undefined);
    this.#releaseWatcher();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #releaseWatcher(): void {
    const watcher = this.#child.stdio[3];
    if (!(watcher instanceof Writable)) return;
    watcher.on("error", () => undefined);
    this.#child.once("exit", () => watcher.end("\n"));
  }

  /** Begins; once. */
  start(module: Uint8Array, input: Uint8Array): void {
    for (const blob of [module, input]) {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, blob.length, true);
      this.#child.stdin?.write(length);
      this.#child.stdin?.write(blob);
    }
    this.#child.stdin?.end();
  }

  /** It uses no processor until `resume`. */
  pause(): void {
    if (this.#running) this.#child.kill("SIGSTOP");
    this.#running = false;
  }

  resume(): void {
    if (!this.#running) this.#child.kill("SIGCONT");
    this.#running = true;
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #collect(isUp: () => void): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      this.#child.stdout?.on("data", (chunk: Buffer) => {
        isUp();
        size += chunk.length;
        if (size > MAX_COMPUTE_OUTPUT_BYTES + MESSAGE_BYTES) this.kill();
        else chunks.push(chunk);
      });
      this.#child.once("error", (cause) =>
        reject(edgeError("ERR_COMPUTE_FAILED", "no sandbox can be started", {}, { cause })),
      );
      this.#child.once("close", (code) => {
        if (size === 0) reject(edgeError("ERR_COMPUTE_FAILED", "the sandbox did not start"));
        // the first byte says that it was up
        const answer = Buffer.concat(chunks).subarray(1);
        const end = answer[0];
        if (code !== 0 || end === undefined || end >= ENDS.length) {
          reject(
            edgeError("ERR_COMPUTE_MEMORY", "the run was ended: it asked for more memory than there is"),
          );
          return;
        }
        const body = new Uint8Array(answer.subarray(1));
        const failure = ENDS[end];
        if (failure) reject(edgeError(failure, new TextDecoder().decode(body)));
        else resolve(body);
      });
    });
  }
}
