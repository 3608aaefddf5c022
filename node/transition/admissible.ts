import type { Transaction } from "#protocol/digests/transactions.ts";
import { assertAccountSignature, assertNodeSignature, isNodeTransaction } from "./block/authenticate.ts";
import { parseBody, parseEnvelope } from "./block/parse-transaction.ts";
import { rejection } from "./block/rejection.ts";
import type { State } from "./state.ts";

/**
 * What the pool checks before it takes a transaction: form, size and signature. Nonces and balances are left to the block,
 * because they depend on the order. Changes nothing.
 * @throws ERR_TX_TOO_LARGE, ERR_TX_MALFORMED, ERR_TX_UNKNOWN_KIND, ERR_NO_ACKS, ERR_UNKNOWN_NODE, ERR_BAD_SIGNATURE
 */
export function assertAdmissible(state: State, transaction: Uint8Array): Transaction {
  const signed = parseEnvelope(transaction);
  const tx = parseBody(signed);
  if (!isNodeTransaction(tx)) {
    assertAccountSignature(state, tx, signed.signature);
    return tx;
  }
  if ("acks" in tx.body && tx.body.acks.length === 0) throw rejection("ERR_NO_ACKS", "no acknowledgements");
  assertNodeSignature(state, tx, signed.signature);
  return tx;
}
