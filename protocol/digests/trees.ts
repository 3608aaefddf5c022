import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { fromHex, type Hex, toHex } from "../types/hex.ts";
import type { BalanceEntry, PayoutEntry } from "../types/settlement.ts";

const LEAF = ["address", "uint256", "uint256"];
const EMPTY_ROOT = new Uint8Array(32);

function payoutTree(entries: PayoutEntry[]): StandardMerkleTree<[Hex, string, string]> {
  return StandardMerkleTree.of(
    entries.map((e): [Hex, string, string] => [toHex(e.account), e.stable.toString(), e.flk.toString()]),
    LEAF,
  );
}

/** Root over (account, stable, flk); zero when there is no payout. */
export function payoutRoot(entries: PayoutEntry[]): Uint8Array {
  return entries.length === 0 ? EMPTY_ROOT : fromHex(payoutTree(entries).root);
}

/** Proof of the entry of `account` for `EpochSettlement.claim`; undefined when it has none. */
export function payoutProof(
  entries: PayoutEntry[],
  account: Uint8Array,
): { entry: PayoutEntry; proof: Hex[] } | undefined {
  const index = entries.findIndex((e) => toHex(e.account) === toHex(account));
  const entry = entries[index];
  if (!entry) return undefined;
  return { entry, proof: payoutTree(entries).getProof(index) as Hex[] };
}

/** Root over (account, balance, depositsSeen). */
export function balanceRoot(entries: BalanceEntry[]): Uint8Array {
  if (entries.length === 0) return EMPTY_ROOT;
  const tree = StandardMerkleTree.of(
    entries.map((e): [Hex, string, string] => [
      toHex(e.account),
      e.balance.toString(),
      e.depositsSeen.toString(),
    ]),
    LEAF,
  );
  return fromHex(tree.root);
}
