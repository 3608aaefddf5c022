import { protectionKey } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import type { Kind } from "#protocol/digests/consensus.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { chainError } from "../errors.ts";

/** The exact bytes that were (or were about to be) sent for the slot. */
export async function signedBefore(
  store: Store,
  kind: Kind,
  epoch: number,
  slot: number,
): Promise<{ payloadHash: Uint8Array; bytes: Uint8Array } | undefined> {
  const value = await store.get("protection", protectionKey(kind, epoch, BigInt(slot)));
  return value && { payloadHash: value.subarray(0, 32), bytes: value.subarray(32) };
}

/**
 * The bytes to send for the slot and the writes that must be on disk before they leave. What was recorded before is
 * sent again, byte for byte.
 * @throws ERR_DOUBLE_SIGN when another payload was recorded for the slot
 */
export async function signOnce(
  store: Store,
  kind: Kind,
  epoch: number,
  slot: number,
  payloadHash: Uint8Array,
  make: () => Uint8Array,
): Promise<{ bytes: Uint8Array; writes: Write[] }> {
  const before = await signedBefore(store, kind, epoch, slot);
  if (before && !equalBytes(before.payloadHash, payloadHash)) {
    throw chainError("ERR_DOUBLE_SIGN", "another payload was signed for this slot", { kind, epoch, slot });
  }
  if (before) return { bytes: before.bytes, writes: [] };
  const bytes = make();
  const value = new Uint8Array(32 + bytes.length);
  value.set(payloadHash);
  value.set(bytes, 32);
  return {
    bytes,
    writes: [{ namespace: "protection", key: protectionKey(kind, epoch, BigInt(slot)), value }],
  };
}
