import { readSync, writeSync } from "node:fs";

/**
 * The program of a sandbox: a process of its own that may open nothing. Says that it is up with one byte, reads a module and its
 * input from standard input (each with its length, u32 little-endian, before it), runs it once and writes how it ended (one
 * byte: 0 well, 1 not a module that it can run, 2 a trap, 3 too much output), then the output or a message.
 *
 * A module imports nothing but `flk.input_size() → i32`, `flk.read_input(to, offset, length)` and `flk.write_output(from, length)`,
 * and exports `memory` and `run()`. It has no clock, no randomness and no way out.
 */
const END = { ok: 0, module: 1, trap: 2, output: 3 } as const;
/** MAX_COMPUTE_OUTPUT_BYTES of protocol/types/edge-http.ts, which a process that may open nothing cannot import. */
const MAX_OUTPUT_BYTES = 1 << 20;

class TooMuchOutput extends Error {}

/** However many pieces it comes in, it takes no more than twice its length. */
class Output {
  #bytes = new Uint8Array(4_096);
  #length = 0;

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(MAX_OUTPUT_BYTES, Math.max(length, 2 * this.#bytes.length)));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** @throws TooMuchOutput */
  assertRoom(length: number): void {
    if (this.#length + length <= MAX_OUTPUT_BYTES) return;
    throw new TooMuchOutput(`more than ${MAX_OUTPUT_BYTES} bytes of output`);
  }

  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

function readExactly(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const read = readSync(0, bytes, at, length - at, null);
    if (read === 0) throw new Error("the input ends early");
    at += read;
  }
  return bytes;
}

function readBlob(): Uint8Array<ArrayBuffer> {
  const length = new DataView(readExactly(4).buffer).getUint32(0, true);
  return new Uint8Array(readExactly(length));
}

function finish(end: number, body: Uint8Array): never {
  const bytes = Buffer.concat([Uint8Array.of(end), body]);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  process.exit(0);
}

function fail(end: number, error: unknown): never {
  finish(end, new TextEncoder().encode(String(error).slice(0, 200)));
}

/** What runs the module, once; and what it has written by then. */
function instantiate(
  code: Uint8Array<ArrayBuffer>,
  input: Uint8Array,
): { run: () => void; output: () => Uint8Array } {
  const output = new Output();
  let memory: WebAssembly.Memory;
  const view = (at: number, length: number): Uint8Array =>
    new Uint8Array(memory.buffer, at >>> 0, length >>> 0);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), {
    flk: {
      input_size: () => input.length,
      read_input(to: number, offset: number, length: number) {
        const [from, size] = [offset >>> 0, length >>> 0];
        if (from + size > input.length) throw new RangeError("reads beyond the input");
        view(to, length).set(input.subarray(from, from + size));
      },
      write_output(from: number, length: number) {
        output.assertRoom(length >>> 0);
        output.append(view(from, length));
      },
    },
  });
  const { memory: exported, run } = instance.exports;
  if (!(exported instanceof WebAssembly.Memory)) throw new Error("it exports no memory");
  if (typeof run !== "function") throw new Error("it exports no function run");
  memory = exported;
  return { run: () => void run(), output: () => output.written };
}

function main(): void {
  writeSync(1, Uint8Array.of(0));
  const [code, input] = [readBlob(), readBlob()];
  let ready: ReturnType<typeof instantiate>;
  try {
    ready = instantiate(code, input);
  } catch (error) {
    fail(END.module, error);
  }
  try {
    ready.run();
  } catch (error) {
    fail(error instanceof TooMuchOutput ? END.output : END.trap, error);
  }
  finish(END.ok, ready.output());
}

main();
