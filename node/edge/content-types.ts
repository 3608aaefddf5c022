/** Bytes in [start, end). */
export interface ByteRange {
  start: number;
  end?: number;
}

/** An open content; `close` it. Reading never returns fewer bytes than asked for. */
export interface OpenContent {
  /** of the whole content, bytes */
  readonly size: number;
  readonly start: number;
  readonly end: number;
  /** @throws ERR_CONTENT_CORRUPT when the file is shorter than it was */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface StoredContent {
  /** BLAKE3, 32 bytes */
  hash: Uint8Array;
  /** bytes */
  size: number;
}

export interface ImportedFile extends StoredContent {
  /** relative to the folder, with forward slashes */
  path: string;
}

/** Content on disk, addressed by BLAKE3. Never changes what it holds: a content is there whole or not at all. */
export interface ContentStore {
  put(source: AsyncIterable<Uint8Array>): Promise<StoredContent>;
  /** Regular files, sorted by path. @throws ERR_CONTENT_MISSING (no such folder), ERR_CONTENT_EMPTY (no file in it) */
  importFolder(folder: string): Promise<ImportedFile[]>;
  has(hash: Uint8Array): Promise<boolean>;
  /** @throws ERR_CONTENT_NOT_FOUND, ERR_CONTENT_CORRUPT, ERR_RANGE */
  open(hash: Uint8Array, range?: ByteRange): Promise<OpenContent>;
  list(): Promise<StoredContent[]>;
}
