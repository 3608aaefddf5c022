import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { NONCE_WINDOW } from "#protocol/params/limits.ts";
import { checkSender } from "./block/authenticate.ts";
import { parseTransaction } from "./block/parse-transaction.ts";
import { rejection } from "./block/rejection.ts";
import { signatureVerifier } from "./block/signatures.ts";
import type { State } from "./state.ts";

/**
 * What the pool checks before it takes a transaction: form, sender, a nonce that can soon come, quota and signature.
 * Amounts are left to the block, because they depend on the order. Changes nothing.
 * @throws ERR_TX_TOO_LARGE, ERR_TX_MALFORMED, ERR_TX_UNKNOWN_KIND, ERR_NO_ACKS, ERR_UNKNOWN_ACCOUNT, ERR_MIN_BALANCE,
 * ERR_UNKNOWN_NODE, ERR_NODE_NOT_STAKED, ERR_BAD_NONCE, ERR_REPORT_EPOCH, ERR_REPORT_REPEATED, ERR_REPORT_SUBJECT, ERR_REPORT_RANGE,
 * ERR_QUOTA_EXCEEDED, ERR_BAD_SIGNATURE
 */
export function assertAdmissible(
  state: State,
  transaction: Uint8Array,
  signatures: SignatureVerifier = signatureVerifier,
): Transaction {
  const parsed = parseTransaction(transaction);
  if (parsed.code !== "OK") throw rejection(parsed.code, "not the encoding of a transaction");
  const { tx, signature } = parsed;
  if ("acks" in tx.body && tx.body.acks.length === 0) throw rejection("ERR_NO_ACKS", "no acknowledgements");
  const size = transaction.length;
  const code = checkSender(state, signatures, { tx, signature, size, window: NONCE_WINDOW });
  if (code !== "OK") throw rejection(code, "the sender may not send this now");
  return tx;
}
