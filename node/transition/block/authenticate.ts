import type { SignatureVerifier } from "#node/interface/crypto.ts";
import {
  type AccountTransaction,
  type NodeTransaction,
  nodeDigest,
  type Transaction,
} from "#protocol/digests/transactions.ts";
import type { ReceiptCode } from "#protocol/errors/codes.ts";
import { ACCOUNT_QUOTA_BYTES, NODE_QUOTA_BYTES } from "#protocol/params/limits.ts";
import { TX } from "#protocol/types/transactions.ts";
import { findAccount } from "../accounts.ts";
import { isStaked } from "../epoch/eligibility.ts";
import { requireParameter } from "../parameters.ts";
import type { AccountRecord, NodeRecord } from "../records.ts";
import type { State } from "../state.ts";
import { reportFault } from "./process-submit-reputation.ts";
import { isUnused, useSequence } from "./sequence.ts";

/** What an admission needs of a transaction beside its body. */
export interface Presented {
  tx: Transaction;
  signature: Uint8Array;
  /** bytes of the whole transaction */
  size: number;
  /** nonces that are taken: [next, next + window) */
  window: number;
}

function isAccountTransaction(tx: Transaction): tx is AccountTransaction {
  return "account" in tx.body;
}

/** Sender, nonce or sequence, quota and signature, the cheap checks first (TRN-NONCE, TRN-SEQUENCE, TRN-QUOTA). Changes nothing. */
export function checkSender(state: State, signatures: SignatureVerifier, presented: Presented): ReceiptCode {
  const { tx } = presented;
  return isAccountTransaction(tx)
    ? checkAccount(state, signatures, tx, presented)
    : checkNode(state, signatures, tx, presented);
}

/**
 * As `checkSender` for the very next nonce, and takes what the transaction uses: nonce and quota. From here on the outcome
 * is final, even when the transaction is rejected for another reason: no one can apply it later.
 */
export function authenticate(
  state: State,
  signatures: SignatureVerifier,
  presented: Omit<Presented, "window">,
): ReceiptCode {
  const { tx, size } = presented;
  const code = checkSender(state, signatures, { ...presented, window: 1 });
  if (code !== "OK") return code;
  if (isAccountTransaction(tx)) {
    const account = findAccount(state, tx.body.account);
    if (!account) return "ERR_UNKNOWN_ACCOUNT";
    state.accounts.put({ ...account, nonce: account.nonce + 1, ...used(state, account, size) });
    return "OK";
  }
  const node = state.nodeTable.get(String(tx.body.node));
  if (!node) return "ERR_UNKNOWN_NODE";
  const nonce = "nonce" in tx.body ? node.nonce + 1 : node.nonce;
  const sequences = "sequence" in tx.body ? useSequence(node, tx.body.sequence) : {};
  state.nodeTable.put({ ...node, nonce, ...sequences, ...used(state, node, size) });
  return "OK";
}

/** A revocation needs no balance: it protects what comes later. */
function checkAccount(
  state: State,
  signatures: SignatureVerifier,
  tx: AccountTransaction,
  presented: Presented,
): ReceiptCode {
  const account = findAccount(state, tx.body.account);
  if (!account) return "ERR_UNKNOWN_ACCOUNT";
  if (tx.kind !== TX.revokeSession && account.balance < requireParameter(state, "minBalance"))
    return "ERR_MIN_BALANCE";
  if (!isNext(account.nonce, tx.body.nonce, presented.window)) return "ERR_BAD_NONCE";
  if (isUsedUp(state, account, presented.size, ACCOUNT_QUOTA_BYTES)) return "ERR_QUOTA_EXCEEDED";
  return signatures.account(state.network, tx, presented.signature) ? "OK" : "ERR_BAD_SIGNATURE";
}

function checkNode(
  state: State,
  signatures: SignatureVerifier,
  tx: NodeTransaction,
  presented: Presented,
): ReceiptCode {
  const node = state.nodeTable.get(String(tx.body.node));
  if (!node) return "ERR_UNKNOWN_NODE";
  if (!isStaked(state, node)) return "ERR_NODE_NOT_STAKED";
  if ("nonce" in tx.body && !isNext(node.nonce, tx.body.nonce, presented.window)) return "ERR_BAD_NONCE";
  if ("sequence" in tx.body && !isUnused(node, tx.body.sequence)) return "ERR_BAD_NONCE";
  const fault = tx.kind === TX.submitReputation && reportFault(state, tx.body);
  if (fault) return fault;
  if (isUsedUp(state, node, presented.size, NODE_QUOTA_BYTES)) return "ERR_QUOTA_EXCEEDED";
  return signatures.ed25519(node.networkKey, nodeDigest(state.network, tx), presented.signature)
    ? "OK"
    : "ERR_BAD_SIGNATURE";
}

function isNext(next: number, nonce: number, window: number): boolean {
  return nonce >= next && nonce < next + window;
}

type Sender = Pick<AccountRecord | NodeRecord, "quotaEpoch" | "quotaBytes">;

/** The record's bytes belong to `quotaEpoch`: a new epoch starts at zero without touching every sender. */
function used(state: State, sender: Sender, size: number): Sender {
  const before = sender.quotaEpoch === state.epoch ? sender.quotaBytes : 0;
  return { quotaEpoch: state.epoch, quotaBytes: before + size };
}

function isUsedUp(state: State, sender: Sender, size: number, quota: number): boolean {
  return used(state, sender, size).quotaBytes > quota;
}
