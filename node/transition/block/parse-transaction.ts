import { parsePayload, type Transaction } from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { SignedTransaction } from "#protocol/types/transactions.ts";
import { rejection } from "./rejection.ts";

/** Room for kind, signature and offsets beside the payload. */
const ENVELOPE_BYTES = 256;

/**
 * The envelope of hostile bytes.
 * @throws ERR_TX_TOO_LARGE, ERR_TX_MALFORMED
 */
export function parseEnvelope(bytes: Uint8Array): SignedTransaction {
  if (bytes.length > MAX_TRANSACTION_BYTES + ENVELOPE_BYTES) {
    throw rejection("ERR_TX_TOO_LARGE", `a transaction has at most ${MAX_TRANSACTION_BYTES} bytes`);
  }
  return orMalformed(() => decode(SignedTransaction, bytes));
}

/** @throws ERR_TX_UNKNOWN_KIND, ERR_TX_MALFORMED */
export function parseBody(signed: SignedTransaction): Transaction {
  return orMalformed(() => parsePayload(signed.kind, signed.payload));
}

function orMalformed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (isFlkError(error, "ERR_DECODE")) throw rejection("ERR_TX_MALFORMED", error.message);
    throw error;
  }
}
