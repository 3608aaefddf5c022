import { equalBytes } from "../types/codec.ts";
import { type Hex, toHex } from "../types/hex.ts";
import type { BalanceEntry, PayoutEntry } from "../types/settlement.ts";
import { type MerkleTree, merkleProof, merkleTree } from "./merkle.ts";

const EMPTY_ROOT = new Uint8Array(32);

function payoutTree(entries: PayoutEntry[]): MerkleTree {
  return merkleTree(entries.map(({ account, stable, flk }) => [account, stable, flk] as const));
}

/** Root over (account, stable, flk); zero when there is no payout. */
export function payoutRoot(entries: PayoutEntry[]): Uint8Array {
  return entries.length === 0 ? EMPTY_ROOT : rootOf(payoutTree(entries));
}

/** Proof of the entry of `account` for `EpochSettlement.claim`; undefined when it has none. */
export function payoutProof(
  entries: PayoutEntry[],
  account: Uint8Array,
): { entry: PayoutEntry; proof: Hex[] } | undefined {
  const index = entries.findIndex((e) => equalBytes(e.account, account));
  const entry = entries[index];
  if (!entry) return undefined;
  return { entry, proof: merkleProof(payoutTree(entries), index).map(toHex) };
}

function balanceTree(entries: BalanceEntry[]): MerkleTree {
  return merkleTree(entries.map((e) => [e.account, e.balance, e.depositsSeen] as const));
}

/** Root over (account, balance, depositsSeen). */
export function balanceRoot(entries: BalanceEntry[]): Uint8Array {
  return entries.length === 0 ? EMPTY_ROOT : rootOf(balanceTree(entries));
}

/** Proof of the entry of `account` for `ClientVault.escape`; undefined when it has none. */
export function balanceProof(
  entries: BalanceEntry[],
  account: Uint8Array,
): { entry: BalanceEntry; proof: Hex[] } | undefined {
  const index = entries.findIndex((e) => equalBytes(e.account, account));
  const entry = entries[index];
  if (!entry) return undefined;
  return { entry, proof: merkleProof(balanceTree(entries), index).map(toHex) };
}

function rootOf({ nodes }: MerkleTree): Uint8Array {
  return nodes[0] ?? EMPTY_ROOT;
}
