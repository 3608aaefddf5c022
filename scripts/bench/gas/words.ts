import { createHash } from "node:crypto";

/** 32 bytes that look random and are the same in every run: calldata of a real call has few zero bytes. */
export function word(name: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`flk gas bench: ${name}`).digest());
}

/** 20 bytes of the same kind. */
export function accountOf(name: string): Uint8Array {
  return word(name).subarray(12);
}
