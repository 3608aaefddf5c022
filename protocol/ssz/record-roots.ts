import { hashInto } from "@chainsafe/persistent-merkle-tree";
import { ByteVectorType, ContainerType, isBasicType, type Type } from "@chainsafe/ssz";

const CHUNK_BYTES = 32;
/** records hashed at a time */
const SLICE = 512;

/** Where the fields of a record lie in its encoding, when each makes one chunk of its tree. */
interface Layout {
  size: number;
  /** a power of two */
  chunks: number;
  fields: { start: number; end: number }[];
}

/** SSZ bytes of records and their roots: of those whose fields have one chunk each, many at a time. */
export class RecordRoots<T> {
  readonly #type: Type<T>;
  readonly #layout: Layout | undefined;

  constructor(type: Type<T>) {
    this.#type = type;
    this.#layout = layoutOf(type);
  }

  /** `roots`: 32 bytes for each record; `encoded`: of each, views of one buffer or more. */
  compute(records: readonly T[]): { encoded: Uint8Array[]; roots: Uint8Array } {
    const roots = new Uint8Array(records.length * CHUNK_BYTES);
    const layout = this.#layout;
    if (layout) return { encoded: this.#computeFlat(layout, records, roots), roots };
    const encoded = records.map((record, at) => {
      roots.set(this.#type.hashTreeRoot(record), at * CHUNK_BYTES);
      return this.#type.serialize(record);
    });
    return { encoded, roots };
  }

  #computeFlat(layout: Layout, records: readonly T[], roots: Uint8Array): Uint8Array[] {
    const { size, chunks } = layout;
    const uint8Array = new Uint8Array(size * records.length);
    const bytes = { uint8Array, dataView: new DataView(uint8Array.buffer) };
    const encoded = records.map((record, at) => {
      this.#type.value_serializeToBytes(bytes, at * size, record);
      return uint8Array.subarray(at * size, (at + 1) * size);
    });
    const tree = new Uint8Array(Math.min(SLICE, records.length) * chunks * CHUNK_BYTES);
    for (let from = 0; from < records.length; from += SLICE) {
      const slice = encoded.slice(from, from + SLICE);
      const leaves = tree.subarray(0, slice.length * chunks * CHUNK_BYTES).fill(0);
      for (let at = 0; at < slice.length; at++) {
        const record = slice[at] as Uint8Array;
        spread(layout, record, leaves, at * chunks * CHUNK_BYTES);
      }
      for (let width = chunks; width > 1; width /= 2) {
        const input = leaves.subarray(0, slice.length * width * CHUNK_BYTES);
        hashInto(input, leaves.subarray(0, input.length / 2));
      }
      roots.set(leaves.subarray(0, slice.length * CHUNK_BYTES), from * CHUNK_BYTES);
    }
    return encoded;
  }
}

/** Byte by byte: fields are too short for a copy by the engine to pay. */
function spread(layout: Layout, record: Uint8Array, leaves: Uint8Array, start: number): void {
  let chunk = start;
  for (const field of layout.fields) {
    for (let at = field.start; at < field.end; at++) leaves[chunk + at - field.start] = record[at] as number;
    chunk += CHUNK_BYTES;
  }
}

const layouts = new Map<Type<unknown>, Layout | undefined>();

/** Whether each field of `type` is one chunk of its tree. */
export function isFlat(type: Type<unknown>): boolean {
  return layoutOf(type) !== undefined;
}

function layoutOf(type: Type<unknown>): Layout | undefined {
  if (!layouts.has(type)) layouts.set(type, makeLayout(type));
  return layouts.get(type);
}

function makeLayout(type: Type<unknown>): Layout | undefined {
  if (!(type instanceof ContainerType) || type.fixedSize === null) return undefined;
  const fields: { start: number; end: number }[] = [];
  let start = 0;
  for (const { fieldType } of type.fieldsEntries) {
    const size = fieldType.fixedSize;
    const oneChunk = isBasicType(fieldType) || fieldType instanceof ByteVectorType;
    if (!oneChunk || size === null || size > CHUNK_BYTES) return undefined;
    fields.push({ start, end: start + size });
    start += size;
  }
  return { size: start, chunks: 2 ** Math.ceil(Math.log2(fields.length)), fields };
}
