import type { Type } from "@chainsafe/ssz";
import { sha256 } from "#crypto";
import { withBytes } from "../ssz/scratch.ts";

const encoder = new TextEncoder();
const tags = new Map<string, Uint8Array>();

function tag(name: string): Uint8Array {
  const known = tags.get(name);
  if (known) return known;
  const made = sha256(encoder.encode(`flk/${name}/v1`));
  tags.set(name, made);
  return made;
}

/** sha256(sha256("flk/<name>/v1") ‖ networkId ‖ bytes), DESIGN §4: digests checked only in TypeScript. */
export function taggedDigest(name: string, networkId: Uint8Array, bytes: Uint8Array): Uint8Array {
  return sha256(tag(name), networkId, bytes);
}

export function sszDigest<T>(name: string, networkId: Uint8Array, type: Type<T>, value: T): Uint8Array {
  return withBytes(type, value, (bytes) => taggedDigest(name, networkId, bytes));
}
