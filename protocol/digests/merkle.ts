import { keccak_256 } from "@noble/hashes/sha3.js";
import { compareBytes } from "../types/codec.ts";

/**
 * OpenZeppelin's StandardMerkleTree over leaves of (address, uint256, uint256): one fixed layout of 96 bytes instead of a
 * general ABI encoder, which makes trees of every account affordable at each close.
 */
export interface MerkleTree {
  /** root first; each node's children at 2i + 1 and 2i + 2 */
  nodes: Uint8Array[];
  /** position in `nodes` of each entry's leaf */
  leaves: number[];
}

/** `entries`: at least one; amounts below 2^256. */
export function merkleTree(entries: readonly (readonly [Uint8Array, bigint, bigint])[]): MerkleTree {
  const sorted = entries
    .map(([account, a, b], entry) => ({ entry, hash: leafHash(account, a, b) }))
    .sort((x, y) => compareBytes(x.hash, y.hash));
  const nodes: Uint8Array[] = new Array(2 * sorted.length - 1);
  const leaves: number[] = new Array(sorted.length);
  for (const [i, { entry, hash }] of sorted.entries()) {
    nodes[nodes.length - 1 - i] = hash;
    leaves[entry] = nodes.length - 1 - i;
  }
  for (let i = sorted.length - 2; i >= 0; i--) {
    nodes[i] = pairHash(nodes[2 * i + 1] as Uint8Array, nodes[2 * i + 2] as Uint8Array);
  }
  return { nodes, leaves };
}

/** Siblings from the leaf of `entry` up to the root. */
export function merkleProof(tree: MerkleTree, entry: number): Uint8Array[] {
  const proof: Uint8Array[] = [];
  for (let at = tree.leaves[entry] ?? 0; at > 0; at = (at - 1) >> 1) {
    proof.push(tree.nodes[at % 2 === 1 ? at + 1 : at - 1] as Uint8Array);
  }
  return proof;
}

/** keccak256(keccak256(abi.encode(account, a, b))) */
function leafHash(account: Uint8Array, a: bigint, b: bigint): Uint8Array {
  const encoded = new Uint8Array(96);
  encoded.set(account, 12);
  const view = new DataView(encoded.buffer);
  setUint256(view, 32, a);
  setUint256(view, 64, b);
  return keccak_256(keccak_256(encoded));
}

function setUint256(view: DataView, at: number, value: bigint): void {
  let rest = value;
  for (let word = at + 24; rest > 0n; word -= 8) {
    view.setBigUint64(word, rest & 0xffff_ffff_ffff_ffffn);
    rest >>= 64n;
  }
}

function pairHash(a: Uint8Array, b: Uint8Array): Uint8Array {
  const pair = new Uint8Array(64);
  const ordered = compareBytes(a, b) <= 0;
  pair.set(ordered ? a : b, 0);
  pair.set(ordered ? b : a, 32);
  return keccak_256(pair);
}
