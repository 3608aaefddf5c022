import {
  ByteVectorType,
  ContainerType,
  ListCompositeType,
  type Type,
  UintBigintType,
  UintNumberType,
} from "@chainsafe/ssz";
import { Counter64 } from "./primitives.ts";

/** Upper half of 2^53 - 1. */
export const MAX_COUNTER_HIGH = 0x1f_ffff;
/** bytes */
const OFFSET = 4;

/** What fixed-size bytes must hold to decode: their number, and where their counters are. */
interface Shape {
  size: number;
  counters: number[];
}

/** A container of fields of fixed size, then lists of such. */
interface Lists {
  head: Shape[];
  lists: { element: Shape; limit: number }[];
  /** bytes before the first list */
  start: number;
}

const shapes = new Map<Type<unknown>, Shape | undefined>();
const containers = new Map<Type<unknown>, Lists | undefined>();

/**
 * Whether `bytes` are the canonical encoding of a value, found without an exception: for hostile bytes that come by the
 * million. Knows containers of fixed size, and those whose last fields are lists of them; undefined for other types.
 */
export function isWellFormed(type: Type<unknown>, bytes: Uint8Array): boolean | undefined {
  const whole = shapeOf(type);
  if (whole) return bytes.length === whole.size && countersFit(whole, bytes, 0);
  const parts = listsOf(type);
  if (!parts) return undefined;
  if (bytes.length < parts.start) return false;
  let at = 0;
  for (const shape of parts.head) {
    if (!countersFit(shape, bytes, at)) return false;
    at += shape.size;
  }
  const offsets = parts.lists.map((_, i) => u32At(bytes, at + i * OFFSET));
  return (
    offsets[0] === parts.start &&
    parts.lists.every(({ element, limit }, i) => {
      const [from = 0, to = bytes.length] = [offsets[i], offsets[i + 1]];
      return isList(bytes.subarray(0, Math.max(to, 0)), from, element, limit) && to <= bytes.length;
    })
  );
}

/** From `from` to the end of `bytes`. */
function isList(bytes: Uint8Array, from: number, element: Shape, limit: number): boolean {
  const count = (bytes.length - from) / element.size;
  if (!Number.isInteger(count) || count < 0 || count > limit) return false;
  for (let i = from; i < bytes.length; i += element.size) if (!countersFit(element, bytes, i)) return false;
  return true;
}

function listsOf(type: Type<unknown>): Lists | undefined {
  if (!containers.has(type)) containers.set(type, makeLists(type));
  return containers.get(type);
}

function makeLists(type: Type<unknown>): Lists | undefined {
  if (!(type instanceof ContainerType)) return undefined;
  const parts: Lists = { head: [], lists: [], start: type.fixedEnd };
  for (const entry of type.fieldsEntries) {
    const fieldType: unknown = entry.fieldType;
    const shape = shapeOf(entry.fieldType);
    if (shape && parts.lists.length === 0) {
      parts.head.push(shape);
      continue;
    }
    const element = fieldType instanceof ListCompositeType ? shapeOf(fieldType.elementType) : undefined;
    if (!element || !(fieldType instanceof ListCompositeType)) return undefined;
    parts.lists.push({ element, limit: fieldType.limit });
  }
  return parts;
}

function shapeOf(type: Type<unknown>): Shape | undefined {
  if (!shapes.has(type)) shapes.set(type, makeShape(type));
  return shapes.get(type);
}

function makeShape(type: Type<unknown>): Shape | undefined {
  if (type.fixedSize === null) return undefined;
  if (type === Counter64) return { size: type.fixedSize, counters: [0] };
  if (isAnyBytes(type)) return { size: type.fixedSize, counters: [] };
  if (!(type instanceof ContainerType)) return undefined;
  const counters: number[] = [];
  let at = 0;
  for (const { fieldType } of type.fieldsEntries) {
    const field = shapeOf(fieldType);
    if (!field) return undefined;
    counters.push(...field.counters.map((counter) => at + counter));
    at += field.size;
  }
  return { size: type.fixedSize, counters };
}

/** Types of which all bytes of the right number are an encoding, each of another value. */
function isAnyBytes(type: Type<unknown>): boolean {
  return (
    type instanceof ByteVectorType ||
    type instanceof UintBigintType ||
    (type instanceof UintNumberType && type.fixedSize < 8)
  );
}

function countersFit(shape: Shape, bytes: Uint8Array, at: number): boolean {
  for (const counter of shape.counters) {
    if (u32At(bytes, at + counter + OFFSET) > MAX_COUNTER_HIGH) return false;
  }
  return true;
}

/** u32 little-endian */
export function u32At(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
