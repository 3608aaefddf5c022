import {
  type AccountTransaction,
  type NodeTransaction,
  type Transaction,
  verifyAccountSignature,
  verifyNodeSignature,
} from "#protocol/digests/transactions.ts";
import { TX } from "#protocol/types/transactions.ts";
import { findAccount } from "../accounts.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";
import { rejection } from "./rejection.ts";

export function isAccountTransaction(tx: Transaction): tx is AccountTransaction {
  return "account" in tx.body;
}

export function isNodeTransaction(tx: Transaction): tx is NodeTransaction {
  return "node" in tx.body;
}

/** @throws ERR_BAD_SIGNATURE */
export function assertAccountSignature(state: State, tx: AccountTransaction, signature: Uint8Array): void {
  if (!verifyAccountSignature(state.network, tx, signature)) {
    throw rejection("ERR_BAD_SIGNATURE", "not signed by the account");
  }
}

/** @throws ERR_UNKNOWN_NODE, ERR_BAD_SIGNATURE */
export function assertNodeSignature(state: State, tx: NodeTransaction, signature: Uint8Array): NodeRecord {
  const node = state.nodeTable.get(String(tx.body.node));
  if (!node) throw rejection("ERR_UNKNOWN_NODE", `node ${tx.body.node} is not registered`);
  if (!verifyNodeSignature(state.network, tx, node.networkKey, signature)) {
    throw rejection("ERR_BAD_SIGNATURE", "not signed by the network key of the node");
  }
  return node;
}

/**
 * Signature and nonce (TRN-NONCE). From here on the outcome is final: the nonce is used up even when the transaction is
 * rejected for another reason, so that no one can apply it later.
 * @throws ERR_UNKNOWN_ACCOUNT, ERR_UNKNOWN_NODE, ERR_BAD_NONCE, ERR_BAD_SIGNATURE
 */
export function authenticate(state: State, tx: Transaction, signature: Uint8Array): void {
  if (isAccountTransaction(tx)) {
    const account = findAccount(state, tx.body.account);
    if (!account) throw rejection("ERR_UNKNOWN_ACCOUNT", "the account has never held anything");
    assertNonce(account.nonce, tx.body.nonce);
    assertAccountSignature(state, tx, signature);
    state.accounts.put({ ...account, nonce: account.nonce + 1 });
    return;
  }
  const node = assertNodeSignature(state, tx, signature);
  if (tx.kind === TX.submitAcks) return;
  assertNonce(node.nonce, tx.body.nonce);
  state.nodeTable.put({ ...node, nonce: node.nonce + 1 });
}

function assertNonce(expected: number, got: number): void {
  if (expected !== got) throw rejection("ERR_BAD_NONCE", `the next nonce is ${expected}, not ${got}`);
}
