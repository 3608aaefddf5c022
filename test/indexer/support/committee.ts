import { BitArray } from "@chainsafe/ssz";
import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { Block, type CertifiedBlock } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { CHAIN_ID, CONTRACTS } from "./fake-l2.ts";

export const NODES = [1, 2, 3, 4, 5];
export const network = networkContext(CHAIN_ID, CONTRACTS.settlement);
const signers = new Map<number, BlsSigner>(
  NODES.map((node) => [node, blsSigner(blsKeygen(new Uint8Array(32).fill(node)))]),
);
export function signerOf(node: number): BlsSigner {
  return signers.get(node) as BlsSigner;
}

export function committeeFrom(epoch: number, nodes: number[]): Committee {
  return {
    epoch,
    members: nodes.map((nodeId) => ({
      nodeId,
      keyVersion: 0,
      power: 1,
      consensusKey: signerOf(nodeId).publicKey,
    })),
  };
}

/** Epoch e leaves out the node (e mod 5) + 1 … so that the committee changes every epoch. */
export function membersOf(epoch: number): number[] {
  return NODES.filter((node) => node !== 5 - (epoch % 5));
}

export function sign(message: Uint8Array, nodes: number[], members: number[]) {
  return {
    signers: BitArray.fromBoolArray(members.map((member) => nodes.includes(member))),
    signature: blsAggregateSignatures(nodes.map((node) => signerOf(node).sign(message))),
  };
}

/** `block` with a commit certificate by `nodes` of the committee `members`. */
export function certify(block: Block, nodes: number[], members: number[]): CertifiedBlock {
  const data = {
    epoch: block.input.epoch,
    index: block.input.index,
    previous: block.previous,
    blockRoot: Block.hashTreeRoot(block),
    stateRoot: block.stateRoot,
  };
  return {
    block,
    certificate: { data, ...sign(attestationMessage(network.networkId, data), nodes, members) },
  };
}
