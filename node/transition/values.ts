import { minBigint } from "#protocol/types/bigint.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";

/** Bytes of the longest key: an address and a session key. */
const scratch = new Uint8Array(64);

/** A map key for bytes: one character per byte. One string made at once: a map takes a joined one apart each time. */
export function keyOf(first: Uint8Array, second?: Uint8Array): string {
  if (!second) return bytesKey(first);
  const length = first.length + second.length;
  if (length > scratch.length) return bytesKey(first) + bytesKey(second);
  scratch.set(first, 0);
  scratch.set(second, first.length);
  return bytesKey(scratch.subarray(0, length));
}

/** Of what a session has with a node. */
export function nodeKey(lane: { account: Uint8Array; session: Uint8Array; node: number }): string {
  return keyAtNode(keyOf(lane.account, lane.session), lane.node);
}

/** As `nodeKey`, where the key of account and session is at hand. */
export function keyAtNode(session: string, node: number): string {
  return `${session}${node}`;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** ASCII, right-padded to 32 bytes, as `ProtocolParameters` names its keys. */
export function asciiToBytes32(text: string): Uint8Array {
  const out = new Uint8Array(32);
  for (let i = 0; i < Math.min(text.length, 32); i++) out[i] = text.charCodeAt(i);
  return out;
}

/** The low 20 bytes of a parameter that holds an address. */
export function uintToAddress(value: bigint): Uint8Array {
  const out = new Uint8Array(20);
  let rest = value;
  for (let i = 19; i >= 0; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

const MAX_UINT64 = (1n << 64n) - 1n;

/** Units are only statistics once they are paid: client and node together can claim any number, so sums saturate. */
export function addUnits(a: bigint, b: bigint): bigint {
  return minBigint(a + b, MAX_UINT64);
}

/** As `addUnits`, for deliveries. */
export function addCount(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}
