import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { word } from "./words.ts";

const signers = new Map<number, BlsSigner>();

/** The consensus key of node `id`; the same in every run, so that figures repeat. */
export function nodeSigner(id: number): BlsSigner {
  const known = signers.get(id);
  if (known) return known;
  const signer = blsSigner(blsKeygen(word(`consensus key of node ${id}`)));
  signers.set(id, signer);
  return signer;
}

/** `size` nodes of equal power, their ids from `first` on. */
export function committeeOf(epoch: number, first: number, size: number): Committee {
  const members = Array.from({ length: size }, (_, i) => ({
    nodeId: first + i,
    keyVersion: 0,
    power: 1,
    consensusKey: nodeSigner(first + i).publicKey,
  }));
  return { epoch, members };
}

/** `count` members, spread over the committee; ascending. */
export function absentees(committee: Committee, count: number): number[] {
  const { members } = committee;
  return Array.from({ length: count }, (_, i) => {
    const member = members[Math.floor((i * members.length) / count)];
    return member?.nodeId ?? 0;
  });
}

/** The aggregate signature of every member that is not absent, as EIP-2537 encodes it. */
export function certify(
  networkId: Uint8Array,
  settlement: Settlement,
  committee: Committee,
  absent: number[],
): Hex {
  const message = settlementMessage(networkId, settlement.epoch, settlementDigest(settlement));
  const present = committee.members.filter((member) => !absent.includes(member.nodeId));
  const signature = blsAggregateSignatures(present.map(({ nodeId }) => nodeSigner(nodeId).sign(message)));
  return toHex(g2ToEip2537(signature));
}
