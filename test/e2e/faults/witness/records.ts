import { closeSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const LENGTH_BYTES = 4;
/** A test may bound the size of a process's files, and means the database. */
export const MAX_FILE_BYTES = 262_144;

/** Appends messages to files whose names begin with `prefix`: what was written stays when the process is killed. */
export class RecordWriter {
  readonly #prefix: string;
  #file: number | undefined;
  #files = 0;
  #bytes = 0;

  constructor(prefix: string) {
    this.#prefix = `${prefix}.${Date.now()}-${process.pid}`;
  }

  write(message: Uint8Array): void {
    const record = new Uint8Array(LENGTH_BYTES + message.length);
    new DataView(record.buffer).setUint32(0, message.length);
    record.set(message, LENGTH_BYTES);
    if (this.#file === undefined || this.#bytes + record.length > MAX_FILE_BYTES) this.#next();
    this.#bytes += record.length;
    writeSync(this.#file as number, record);
  }

  #next(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = openSync(`${this.#prefix}-${this.#files++}`, "a", 0o600);
    this.#bytes = 0;
  }
}

/** All messages that processes wrote with `prefix`. One that a kill cut off did not leave its process either. */
export function* readRecords(prefix: string): Generator<Uint8Array> {
  const folder = dirname(prefix);
  const names = readdirSync(folder).filter((name) => name.startsWith(`${basename(prefix)}.`));
  for (const name of names) {
    const file = readFileSync(join(folder, name));
    for (let at = 0; at + LENGTH_BYTES <= file.length; ) {
      const length = file.readUInt32BE(at);
      at += LENGTH_BYTES;
      if (at + length > file.length) break;
      yield Uint8Array.prototype.slice.call(file, at, at + length);
      at += length;
    }
  }
}
