import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MAX_COMPUTE_OUTPUT_BYTES } from "#protocol/types/edge-http.ts";
import { type EdgeCode, edgeError } from "../errors.ts";

const RUNNER = fileURLToPath(new URL("./runner.ts", import.meta.url));
/** MiB of the process's own heap; 64-KiB pages of a module's memory; entries of a table */
const HEAP_MIB = 64;
const MEMORY_PAGES = 1_024;
const TABLE_ENTRIES = 65_536;
const MESSAGE_BYTES = 1_024;

/** As runner.ts ends. */
const ENDS: readonly (EdgeCode | undefined)[] = [
  undefined,
  "ERR_COMPUTE_MODULE",
  "ERR_COMPUTE_TRAP",
  "ERR_COMPUTE_OUTPUT",
];

/**
 * One run of one module in a process that may open nothing, has bounded memory, and can be stopped at any moment. Whatever it
 * does, this process goes on.
 */
export class Sandbox {
  /** @throws ERR_COMPUTE_MODULE, ERR_COMPUTE_TRAP, ERR_COMPUTE_OUTPUT, ERR_COMPUTE_MEMORY (it died, or was killed) */
  readonly output: Promise<Uint8Array>;
  /** resolves when the process is up: what comes before is no part of a run */
  readonly up: Promise<void>;
  readonly #child: ChildProcess;
  #running = true;

  constructor() {
    const flags = [
      "--permission",
      `--allow-fs-read=${RUNNER}`,
      `--max-old-space-size=${HEAP_MIB}`,
      `--wasm-max-mem-pages=${MEMORY_PAGES}`,
      `--wasm-max-table-size=${TABLE_ENTRIES}`,
      "--disable-warning=ExperimentalWarning",
    ];
    this.#child = spawn(process.execPath, [...flags, RUNNER], { stdio: ["pipe", "pipe", "ignore"], env: {} });
    let isUp: () => void = () => undefined;
    this.up = new Promise((resolve) => {
      isUp = resolve;
    });
    this.output = this.#collect(isUp);
    // whoever kills it need not wait for it
    this.output.catch(() => isUp());
    this.#child.stdin?.on("error", () => undefined);
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
