import type { ConsensusSigner } from "#node/interface/crypto.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type Committee, memberIndex } from "#protocol/types/committee.ts";

/**
 * EPO-SEAT: the one of our keys that holds our seat in `committee`: a rotated key acts from the next draw on, and what a committee signs it signs
 * with the keys that it was drawn with. Undefined when we are no member, or a key that we do not have is.
 */
export function signerFor(
  signers: readonly ConsensusSigner[],
  committee: Committee,
  self: number,
): ConsensusSigner | undefined {
  const member = committee.members[memberIndex(committee, self)];
  return member && signers.find(({ publicKey }) => equalBytes(publicKey, member.consensusKey));
}
