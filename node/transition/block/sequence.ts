import { SEQUENCE_WINDOW } from "#protocol/params/limits.ts";
import type { NodeRecord } from "../records.ts";

type Sequences = Pick<NodeRecord, "sequence" | "usedSequences">;

const MASK = (1n << BigInt(SEQUENCE_WINDOW)) - 1n;

/** Whether the node has not used this one yet: what is older than the window counts as used (TRN-SEQUENCE). */
export function isUnused({ sequence: highest, usedSequences }: Sequences, sequence: number): boolean {
  if (sequence > highest) return true;
  const age = highest - sequence;
  return age < SEQUENCE_WINDOW && ((usedSequences >> BigInt(age)) & 1n) === 0n;
}

/** The node's once `sequence`, which was unused, is used. */
export function useSequence({ sequence: highest, usedSequences }: Sequences, sequence: number): Sequences {
  if (sequence <= highest) {
    return { sequence: highest, usedSequences: usedSequences | (1n << BigInt(highest - sequence)) };
  }
  const by = Math.min(sequence - highest, SEQUENCE_WINDOW);
  return { sequence, usedSequences: ((usedSequences << BigInt(by)) | 1n) & MASK };
}
