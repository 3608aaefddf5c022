import assert from "node:assert/strict";
import type { Type } from "@chainsafe/ssz";
import { Certificate, SignedHeader } from "#protocol/types/consensus.ts";
import { textOf } from "#test/node/support/text.ts";
import { useSlabs } from "./slab-values.ts";

/** Values of one type that are kept at a time. */
const MAX_SHARED = 4_096;

interface Encoding {
  uint8Array: Uint8Array;
  dataView: DataView;
}

/** What was decoded at a place of a buffer. */
interface Decoded {
  length: number;
  value: object;
  isCanonical: boolean;
}

/** While it is checked, values are encoded field by field. */
let checking = false;

/**
 * What all nodes of a run decode and encode again is decoded and encoded once for all of them, within other values as well: what
 * these say depends on the bytes alone. Nobody can change what the others see: values are frozen, and what cannot be frozen is
 * held against the bytes that it came from when it is dropped.
 */
class SharedValues {
  #type: Type<unknown>;
  #decode: Type<unknown>["value_deserializeFromBytes"];
  #encode: Type<unknown>["serialize"];
  #byBytes = new Map<string, object>();
  #encoded = new WeakMap<object, Uint8Array>();
  /** by buffer and offset: a message that many get is one */
  #byPlace = new WeakMap<ArrayBufferLike, Map<number, Decoded>>();
  /** of what was decoded last, when it is canonical */
  #last: { value: object; bytes: Uint8Array } | undefined;

  constructor(type: Type<unknown>) {
    this.#type = type;
    this.#decode = type.value_deserializeFromBytes.bind(type);
    this.#encode = type.serialize.bind(type);
    const [sizeOf, write] = [type.value_serializedSize.bind(type), type.value_serializeToBytes.bind(type)];
    type.deserialize = (bytes) => this.#decoded(bytes);
    type.value_deserializeFromBytes = ({ uint8Array }, start, end) =>
      this.#shared(uint8Array.subarray(start, end)).value;
    type.serialize = (value) => this.#serialized(value as object);
    type.value_serializedSize = (value) => this.#bytesOf(value)?.length ?? sizeOf(value);
    type.value_serializeToBytes = (output: Encoding, offset, value) => {
      const bytes = this.#bytesOf(value);
      if (!bytes) return write(output, offset, value);
      output.uint8Array.set(bytes, offset);
      return offset + bytes.length;
    };
  }

  drop(): void {
    checking = true;
    try {
      for (const value of this.#byBytes.values()) {
        const before = this.#encoded.get(value) ?? assert.fail();
        assert(
          Buffer.compare(this.#encode(value), before) === 0,
          `somebody wrote into a ${this.#type.typeName} that others have, too`,
        );
      }
    } finally {
      checking = false;
    }
    this.#byBytes.clear();
    this.#last = undefined;
  }

  #bytesOf(value: unknown): Uint8Array | undefined {
    return checking ? undefined : this.#encoded.get(value as object);
  }

  /** Who has just decoded canonical bytes and encodes the value again gets the bytes. */
  #serialized(value: object): Uint8Array {
    const last = this.#last;
    this.#last = undefined;
    return last?.value === value ? last.bytes : (this.#encoded.get(value) ?? this.#encode(value));
  }

  #decoded(bytes: Uint8Array): object {
    const { buffer, byteOffset, length } = bytes;
    // one that has a buffer for itself is decoded by one node
    const places = length + 1 < buffer.byteLength ? this.#placesOf(buffer) : undefined;
    let decoded = places?.get(byteOffset);
    if (decoded?.length !== length) {
      decoded = this.#shared(bytes);
      places?.set(byteOffset, decoded);
    }
    const { value, isCanonical } = decoded;
    this.#last = isCanonical ? { value, bytes } : undefined;
    return value;
  }

  #placesOf(buffer: ArrayBufferLike): Map<number, Decoded> {
    const known = this.#byPlace.get(buffer);
    if (known) return known;
    const made = new Map<number, Decoded>();
    this.#byPlace.set(buffer, made);
    return made;
  }

  #shared(bytes: Uint8Array): Decoded {
    const id = textOf(bytes);
    const value = this.#byBytes.get(id) ?? this.#made(id, bytes);
    const encoded = this.#encoded.get(value) ?? assert.fail();
    return { length: bytes.length, value, isCanonical: Buffer.compare(encoded, bytes) === 0 };
  }

  #made(id: string, uint8Array: Uint8Array): object {
    if (this.#byBytes.size >= MAX_SHARED) this.drop();
    const dataView = new DataView(uint8Array.buffer, uint8Array.byteOffset, uint8Array.byteLength);
    const value = frozen(this.#decode({ uint8Array, dataView }, 0, uint8Array.length)) as object;
    // not the bytes that came: whether they are canonical is for the caller to see
    this.#encoded.set(value, this.#encode(value));
    this.#byBytes.set(id, value);
    return value;
  }
}

function frozen(value: unknown): unknown {
  if (Object.isFrozen(value)) return value;
  if (Array.isArray(value)) value.forEach(frozen);
  else if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  else Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

let shared: SharedValues[] | undefined;

/** For the rest of the process, which measures nothing: most of what nodes send goes to all others. */
export function shareDecoded(): void {
  useSlabs();
  shared ??= [SignedHeader, Certificate].map((type) => new SharedValues(type as Type<unknown>));
}

/** At the end of a run. @throws when a node changed what it shares with others */
export function dropShared(): void {
  for (const values of shared ?? []) values.drop();
}
