import assert from "node:assert/strict";
import type { Type } from "@chainsafe/ssz";
import { equalBytes } from "#protocol/types/codec.ts";
import { Certificate, SignedHeader } from "#protocol/types/consensus.ts";

/** Values of one type that are kept at a time. */
const MAX_SHARED = 4_096;

/**
 * What all nodes of a run decode and encode again is decoded and encoded once for all of them: what these say depends on
 * the bytes alone. Nobody can change what the others see: values are frozen, and what cannot be frozen is held against
 * the bytes that it came from when it is dropped.
 */
class SharedValues {
  #type: Type<unknown>;
  #decode: Type<unknown>["deserialize"];
  #encode: Type<unknown>["serialize"];
  #byBytes = new Map<string, object>();
  #encoded = new WeakMap<object, Uint8Array>();
  /** by what holds the bytes that were decoded last there: a message that many get is one */
  #byBuffer = new WeakMap<ArrayBufferLike, { at: number; length: number; value: object }>();

  constructor(type: Type<unknown>) {
    this.#type = type;
    this.#decode = type.deserialize.bind(type);
    this.#encode = type.serialize.bind(type);
    type.deserialize = (bytes) => this.#decoded(bytes);
    type.serialize = (value) => this.#encoded.get(value as object) ?? this.#encode(value);
  }

  drop(): void {
    for (const value of this.#byBytes.values()) {
      const before = this.#encoded.get(value) ?? assert.fail();
      assert(
        equalBytes(this.#encode(value), before),
        `somebody wrote into a ${this.#type.typeName} that others have, too`,
      );
    }
    this.#byBytes.clear();
  }

  #decoded({ buffer, byteOffset: at, length }: Uint8Array): object {
    const known = this.#byBuffer.get(buffer);
    if (known?.at === at && known.length === length) return known.value;
    const value = this.#shared(new Uint8Array(buffer, at, length));
    this.#byBuffer.set(buffer, { at, length, value });
    return value;
  }

  #shared(bytes: Uint8Array): object {
    const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    const known = this.#byBytes.get(id);
    if (known) return known;
    if (this.#byBytes.size >= MAX_SHARED) this.drop();
    const value = frozen(this.#decode(bytes)) as object;
    // not the bytes that came: whether they are canonical is for the caller to see
    this.#encoded.set(value, this.#encode(value));
    this.#byBytes.set(id, value);
    return value;
  }
}

function frozen(value: unknown): unknown {
  if (Array.isArray(value)) value.forEach(frozen);
  else if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  else Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

let shared: SharedValues[] | undefined;

/** For the rest of the process, which measures nothing: most of what nodes send goes to all others. */
export function shareDecoded(): void {
  shared ??= [SignedHeader, Certificate].map((type) => new SharedValues(type as Type<unknown>));
}

/** At the end of a run. @throws when a node changed what it shares with others */
export function dropShared(): void {
  for (const values of shared ?? []) values.drop();
}
