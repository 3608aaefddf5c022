import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { blake3Hasher, secureRandom } from "#crypto";
import { isFlkError } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { ByteRange, ContentStore, ImportedFile, OpenContent, StoredContent } from "./content-types.ts";
import { isErrno } from "./errno.ts";
import { edgeError } from "./errors.ts";
import { importFolder } from "./import-folder.ts";

/** ms without a write after which what is in tmp/ belongs to no process that still runs */
const STALE_MS = 3_600_000;

class DiskContentStore implements ContentStore {
  readonly #blobs: string;
  readonly #temp: string;
  readonly #quarantine: string;
  /** contents whose hash was checked since the process started */
  readonly #checked = new Map<string, Promise<void>>();

  constructor(dir: string) {
    this.#blobs = join(dir, "blobs");
    this.#temp = join(dir, "tmp");
    this.#quarantine = join(dir, "corrupt");
  }

  async prepare(): Promise<void> {
    try {
      for (const dir of [this.#blobs, this.#temp]) await mkdir(dir, { recursive: true });
      await removeStale(this.#temp);
    } catch (cause) {
      throw edgeError("ERR_CONTENT_STORE", `cannot open the content store ${this.#blobs}`, {}, { cause });
    }
  }

  async put(source: AsyncIterable<Uint8Array>): Promise<StoredContent> {
    const temp = join(this.#temp, hex(secureRandom(12)));
    try {
      const stored = await writeHashed(temp, source);
      const path = this.#path(stored.hash);
      if (await mkdir(dirname(path), { recursive: true })) await syncFolder(this.#blobs);
      await rename(temp, path);
      await syncFolder(dirname(path));
      this.#checked.set(hex(stored.hash), Promise.resolve());
      return stored;
    } catch (error) {
      // What cannot be removed now goes when it is old: the first failure is the one to tell.
      await rm(temp, { force: true }).catch(() => undefined);
      if (isFlkError(error)) throw error;
      throw edgeError("ERR_CONTENT_STORE", `cannot store a content in ${this.#blobs}`, {}, { cause: error });
    }
  }

  importFolder(folder: string): Promise<ImportedFile[]> {
    return importFolder(this, folder);
  }

  async has(hash: Uint8Array): Promise<boolean> {
    return (await sizeOf(this.#path(hash))) !== undefined;
  }

  async open(hash: Uint8Array, range?: ByteRange): Promise<OpenContent> {
    const path = this.#path(hash);
    const size = await sizeOf(path);
    if (size === undefined) throw edgeError("ERR_CONTENT_NOT_FOUND", `no content ${hex(hash)} here`);
    const start = range?.start ?? 0;
    const end = Math.min(range?.end ?? size, size);
    const valid = Number.isSafeInteger(start) && start >= 0 && (start < end || (size === 0 && start === 0));
    if (!valid) throw edgeError("ERR_RANGE", `the content has ${size} bytes`, { size });
    await this.#check(hash);
    const file = await open(path, "r");
    return {
      size,
      start,
      end,
      read: (offset, length) => readExactly(file, offset, length),
      close: () => file.close(),
    };
  }

  async list(): Promise<StoredContent[]> {
    const found: StoredContent[] = [];
    for (const folder of (await readdir(this.#blobs)).sort()) {
      for (const name of (await readdir(join(this.#blobs, folder))).sort()) {
        if (!/^[0-9a-f]{64}$/.test(name)) continue;
        const size = await sizeOf(join(this.#blobs, folder, name));
        if (size !== undefined) found.push({ hash: new Uint8Array(Buffer.from(name, "hex")), size });
      }
    }
    return found;
  }

  /** Once per process and content; concurrent callers share one check. */
  #check(hash: Uint8Array): Promise<void> {
    const id = hex(hash);
    const known = this.#checked.get(id);
    if (known) return known;
    const check = this.#rehash(hash);
    this.#checked.set(id, check);
    check.catch(() => this.#checked.delete(id));
    return check;
  }

  async #rehash(hash: Uint8Array): Promise<void> {
    const path = this.#path(hash);
    const hasher = blake3Hasher();
    for await (const chunk of createReadStream(path)) hasher.update(chunk as Uint8Array);
    if (equalBytes(hasher.digest(), hash)) return;
    await mkdir(this.#quarantine, { recursive: true });
    await rename(path, join(this.#quarantine, hex(hash)));
    throw edgeError(
      "ERR_CONTENT_CORRUPT",
      `content ${hex(hash)} has changed on disk; moved to ${this.#quarantine}`,
    );
  }

  #path(hash: Uint8Array): string {
    const name = hex(hash);
    return join(this.#blobs, name.slice(0, 2), name);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw edgeError("ERR_CONTENT_STORE", `cannot read ${path}`, {}, { cause: error });
  }
}

/** Other processes may be writing beside us: only what has lain still for long is removed. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const written = await stat(path).catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    });
    if (written && Date.now() - written.mtimeMs > STALE_MS) await rm(path, { force: true });
  }
}

/** Writes a new file, synced, and says what it holds. */
async function writeHashed(path: string, source: AsyncIterable<Uint8Array>): Promise<StoredContent> {
  const hasher = blake3Hasher();
  let size = 0;
  const file = await open(path, "wx", 0o644);
  try {
    for await (const chunk of source) {
      hasher.update(chunk);
      size += chunk.length;
      await writeAll(file, chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { hash: hasher.digest(), size };
}

/** So that a rename in it survives a loss of power. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(buffer, at, length - at, offset + at);
    if (bytesRead === 0)
      throw edgeError("ERR_CONTENT_CORRUPT", "the content is shorter than it was when opened");
    at += bytesRead;
  }
  return buffer;
}

/** `dir` is made when absent; what an interrupted `put` left an hour ago is removed. @throws ERR_CONTENT_STORE */
export async function createContentStore({ dir }: { dir: string }): Promise<ContentStore> {
  const store = new DiskContentStore(dir);
  await store.prepare();
  return store;
}
