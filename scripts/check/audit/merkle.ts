import { concat, encodeAbiParameters, type Hex, keccak256 } from "viem";

/**
 * The standard Merkle tree of (address, uint256, uint256) leaves, written from its definition: a leaf is
 * keccak256(keccak256(abi.encode(…))), leaves are sorted, the tree is complete and filled from the right, and a pair
 * hashes sorted. Its own code on purpose: the audit shares none with what it checks.
 */
export function merkleRoot(entries: { account: string; first: string; second: string }[]): Hex {
  if (entries.length === 0) return `0x${"0".repeat(64)}`;
  const leaves = entries.map(leaf).sort();
  const tree: Hex[] = new Array(2 * leaves.length - 1);
  for (const [i, value] of leaves.entries()) tree[tree.length - 1 - i] = value;
  for (let i = leaves.length - 2; i >= 0; i--) {
    tree[i] = pair(tree[2 * i + 1] as Hex, tree[2 * i + 2] as Hex);
  }
  return tree[0] as Hex;
}

function leaf(entry: { account: string; first: string; second: string }): Hex {
  const encoded = encodeAbiParameters(
    [{ type: "address" }, { type: "uint256" }, { type: "uint256" }],
    [entry.account as Hex, BigInt(entry.first), BigInt(entry.second)],
  );
  return keccak256(keccak256(encoded));
}

function pair(a: Hex, b: Hex): Hex {
  return keccak256(a < b ? concat([a, b]) : concat([b, a]));
}
