import { hashInto, zeroHash } from "@chainsafe/persistent-merkle-tree";
import { ByteListType, ContainerType, isBasicType, ListCompositeType, type Type } from "@chainsafe/ssz";
import { isFlat, RecordRoots } from "./record-roots.ts";

const CHUNK_BYTES = 32;

/**
 * `type.hashTreeRoot(value)` for values with long lists: the library goes node by node where this hashes many in one call.
 * Lists of records and of bytes, and containers of them, to any depth; the library does what is left.
 */
export function sszRoot<T>(type: Type<T>, value: T): Uint8Array {
  if (type instanceof ByteListType) return byteListRoot(type, value as Uint8Array);
  if (type instanceof ListCompositeType)
    return listRoot(type.elementType, type.maxChunkCount, value as unknown[]);
  if (type instanceof ContainerType && !isFlat(type))
    return containerRoot(type, value as Record<string, unknown>);
  return type.hashTreeRoot(value);
}

/** two siblings, and the first of them, in whose place their parent comes */
const pair = new Uint8Array(2 * CHUNK_BYTES);
const pairView = new DataView(pair.buffer);
const first = pair.subarray(0, CHUNK_BYTES);

/** Root of the first `count` chunks of `chunks`, which has room for one more and is overwritten. */
function merkleize(chunks: Uint8Array, count: number, depth: number): Uint8Array {
  if (count === 0) return zeroHash(depth);
  let height = 0;
  for (let width = count; width > 1; width /= 2) {
    if (width % 2 === 1) chunks.set(zeroHash(height), CHUNK_BYTES * width++);
    hashInto(chunks.subarray(0, CHUNK_BYTES * width), chunks.subarray(0, (CHUNK_BYTES * width) / 2));
    height++;
  }
  // limits are high: most of the way up there is one node and nothing beside it
  first.set(chunks.subarray(0, CHUNK_BYTES));
  for (; height < depth; height++) {
    pair.set(zeroHash(height), CHUNK_BYTES);
    hashInto(pair, first);
  }
  return first.slice();
}

function mixInLength(root: Uint8Array, length: number): Uint8Array {
  first.set(root);
  pair.fill(0, CHUNK_BYTES);
  pairView.setUint32(CHUNK_BYTES, length, true);
  hashInto(pair, first);
  return first.slice();
}

function depthOf(chunks: number): number {
  return Math.ceil(Math.log2(chunks));
}

/** Chunks with room for one more, zero where nothing is set. */
function chunkBuffer(count: number): Uint8Array {
  return new Uint8Array(CHUNK_BYTES * (count + 1));
}

function byteListRoot(type: ByteListType, value: Uint8Array): Uint8Array {
  const count = Math.ceil(value.length / CHUNK_BYTES);
  const chunks = chunkBuffer(count);
  chunks.set(value);
  return mixInLength(merkleize(chunks, count, depthOf(type.maxChunkCount)), value.length);
}

function listRoot(element: Type<unknown>, limit: number, value: unknown[]): Uint8Array {
  const chunks = chunkBuffer(value.length);
  if (isFlat(element)) chunks.set(new RecordRoots(element).compute(value).roots);
  else for (const [at, item] of value.entries()) chunks.set(sszRoot(element, item), CHUNK_BYTES * at);
  return mixInLength(merkleize(chunks, value.length, depthOf(limit)), value.length);
}

function containerRoot(
  type: ContainerType<Record<string, Type<unknown>>>,
  value: Record<string, unknown>,
): Uint8Array {
  const { fieldsEntries } = type;
  const chunks = chunkBuffer(fieldsEntries.length);
  const output = { uint8Array: chunks, dataView: new DataView(chunks.buffer) };
  for (const [at, { fieldName, fieldType }] of fieldsEntries.entries()) {
    const field = value[fieldName];
    if (isBasicType(fieldType)) fieldType.value_serializeToBytes(output, CHUNK_BYTES * at, field);
    else chunks.set(sszRoot(fieldType, field), CHUNK_BYTES * at);
  }
  return merkleize(chunks, fieldsEntries.length, depthOf(fieldsEntries.length));
}
