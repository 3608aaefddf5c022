import { sha256 } from "#crypto";
import { blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import type { Committee } from "#protocol/types/committee.ts";

/** Keys that everyone knows: nothing of value hangs on them. */
export function consensusSigner(nodeId: number) {
  return blsSigner(blsKeygen(sha256(Uint8Array.of(0xbe, nodeId >> 8, nodeId & 0xff))));
}

export function networkSeed(nodeId: number): Uint8Array {
  return sha256(Uint8Array.of(0x5e, nodeId >> 8, nodeId & 0xff));
}

export function benchCommittee(members: number): Committee {
  return {
    epoch: 1,
    members: Array.from({ length: members }, (_, at) => ({
      nodeId: at + 1,
      keyVersion: 0,
      power: 1,
      consensusKey: consensusSigner(at + 1).publicKey,
    })),
  };
}
