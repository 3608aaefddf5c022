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
const MAX_COUNTER_HIGH = 0x1f_ffff;
/** bytes */
const OFFSET = 4;

/** What fixed-size bytes must hold to decode: their number, and where their counters are. */
interface Shape {
  size: number;
  counters: number[];
}

const shapes = new Map<Type<unknown>, Shape | undefined>();

/**
 * Whether `bytes` are the canonical encoding of a value, found without an exception: for hostile bytes that come by the
 * million. Knows containers of fixed size, and those whose last field is a list of them; undefined for other types.
 */
export function isWellFormed(type: Type<unknown>, bytes: Uint8Array): boolean | undefined {
  const whole = shapeOf(type);
  if (whole) return bytes.length === whole.size && countersFit(whole, bytes, 0);
  if (!(type instanceof ContainerType)) return undefined;
  const last: unknown = type.fieldsEntries.at(-1)?.fieldType;
  if (!(last instanceof ListCompositeType)) return undefined;
  const element = shapeOf(last.elementType);
  const head = type.fieldsEntries.slice(0, -1).map((entry) => shapeOf(entry.fieldType));
  if (!element || head.some((shape) => shape === undefined)) return undefined;

  const start = type.fixedEnd;
  if (bytes.length < start || u32At(bytes, start - OFFSET) !== start) return false;
  const count = (bytes.length - start) / element.size;
  if (!Number.isInteger(count) || count > last.limit) return false;
  let at = 0;
  for (const shape of head as Shape[]) {
    if (!countersFit(shape, bytes, at)) return false;
    at += shape.size;
  }
  for (let i = start; i < bytes.length; i += element.size) if (!countersFit(element, bytes, i)) return false;
  return true;
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
