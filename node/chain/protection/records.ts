import { protectionKey, readU64, u64 } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { KIND, type Kind } from "#protocol/digests/consensus.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { chainError } from "../errors.ts";

/**
 * What the node signed, in the namespace "protection": a record per (kind, epoch, slot), and a floor below which nothing
 * is recorded any more and nothing may be signed.
 */
export interface SignedRecord {
  payloadHash: Uint8Array;
  /** the exact bytes that were (or were about to be) sent */
  bytes: Uint8Array;
}

export const KINDS: readonly Kind[] = Object.values(KIND);
const HASH_BYTES = 32;
const RECORD_KEY_BYTES = 17;
/** u64: the lowest epoch in which something may be signed. Of all keys of the node: no two of them sign in one epoch. */
const FLOOR_KEY = Uint8Array.of(0xff);

export async function readFloor(store: Store): Promise<number> {
  const value = await store.get("protection", FLOOR_KEY);
  return value ? readU64(value, 0) : 0;
}

export function floorWrite(epoch: number): Write {
  return { namespace: "protection", key: FLOOR_KEY, value: u64(epoch) };
}

/** The floor that a write sets; undefined for other keys. */
export function floorOf(key: Uint8Array, value: Uint8Array): number | undefined {
  return equalBytes(key, FLOOR_KEY) ? readU64(value, 0) : undefined;
}

/** Of a record's key; undefined for the other keys of the namespace. */
export function kindOf(key: Uint8Array): Kind | undefined {
  return key.length === RECORD_KEY_BYTES ? KINDS.find((kind) => kind === key[0]) : undefined;
}

/** Epoch of a record's key. */
export function epochOf(key: Uint8Array): number {
  return readU64(key, 1);
}

export function recordWrite(kind: Kind, epoch: number, slot: bigint, record: SignedRecord): Write {
  const value = new Uint8Array(HASH_BYTES + record.bytes.length);
  value.set(record.payloadHash);
  value.set(record.bytes, HASH_BYTES);
  return { namespace: "protection", key: protectionKey(kind, epoch, slot), value };
}

export function parseRecord(value: Uint8Array): SignedRecord {
  return { payloadHash: value.subarray(0, HASH_BYTES), bytes: value.subarray(HASH_BYTES) };
}

/** An epoch that no chain reaches: the end of a range over all epochs. */
export const EPOCHS_END: number = Number.MAX_SAFE_INTEGER;

/** Keys of the records of `kind` in the epochs from `from` up to and without `to`. */
export function epochRange(kind: Kind, from: number, to: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: protectionKey(kind, from, 0n), lt: protectionKey(kind, to, 0n) };
}

/** Slot of a record's key. */
export function slotOf(key: Uint8Array): bigint {
  return new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(9);
}

export async function signedBefore(
  store: Store,
  kind: Kind,
  epoch: number,
  slot: bigint,
): Promise<SignedRecord | undefined> {
  const value = await store.get("protection", protectionKey(kind, epoch, slot));
  return value && parseRecord(value);
}

export async function newestSlot(store: Store, kind: Kind, epoch: number): Promise<bigint | undefined> {
  const range = { ...epochRange(kind, epoch, epoch + 1), reverse: true, limit: 1 };
  for await (const [key] of store.iterate("protection", range)) return slotOf(key);
  return undefined;
}

/**
 * The bytes to send for the slot and the writes that must be on disk before they leave. What was recorded before is
 * sent again, byte for byte. Undefined when nothing may be signed: the slot is lower than one that was signed, or its
 * epoch is below the floor, so that what was signed for it may be forgotten.
 * @throws ERR_DOUBLE_SIGN when another payload was recorded for the slot
 */
export async function signOnce(
  store: Store,
  kind: Kind,
  epoch: number,
  slot: bigint,
  payloadHash: Uint8Array,
  make: () => Uint8Array,
): Promise<{ bytes: Uint8Array; writes: Write[] } | undefined> {
  const before = await signedBefore(store, kind, epoch, slot);
  if (before && !equalBytes(before.payloadHash, payloadHash)) {
    throw chainError("ERR_DOUBLE_SIGN", "another payload was signed for this slot", { kind, epoch, slot });
  }
  if (before) return { bytes: before.bytes, writes: [] };
  const newest = await newestSlot(store, kind, epoch);
  if (epoch < (await readFloor(store)) || (newest !== undefined && newest > slot)) return undefined;
  const bytes = make();
  return { bytes, writes: [recordWrite(kind, epoch, slot, { payloadHash, bytes })] };
}
