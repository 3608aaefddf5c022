import {
  byteArrayIntoHashObject,
  byteArrayToHashObject,
  type HashObject,
  hashObjectToByteArray,
} from "@chainsafe/as-sha256/lib/hashObject.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** In place of `@chainsafe/as-sha256`, as far as SSZ uses it: the page's policy compiles no WebAssembly. */
export { byteArrayIntoHashObject, byteArrayToHashObject, hashObjectToByteArray };

export function allocUnsafe(length: number): Uint8Array {
  return new Uint8Array(length);
}

export function digest64HashObjects(left: HashObject, right: HashObject): HashObject {
  const pair = new Uint8Array(64);
  hashObjectToByteArray(left, pair, 0);
  hashObjectToByteArray(right, pair, 32);
  return byteArrayToHashObject(sha256(pair), 0);
}
