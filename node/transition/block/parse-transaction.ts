import { parsePayload, payloadType, type Transaction } from "#protocol/digests/transactions.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { isEnvelope, SignedTransaction } from "#protocol/types/transactions.ts";
import { isWellFormed } from "#protocol/types/well-formed.ts";
import type { RejectionCode } from "./rejection.ts";

/** Room for kind, signature and offsets beside the payload. */
const ENVELOPE_BYTES = 256;

/** `kind` is 0 when not even that is readable. */
export type Parsed =
  | { code: "OK"; kind: number; tx: Transaction; signature: Uint8Array }
  | { code: RejectionCode; kind: number };

/** Hostile bytes (TRN-TX). What is wrong is a code, not an exception: whoever sends a million of these must not stop us. */
export function parseTransaction(bytes: Uint8Array): Parsed {
  if (bytes.length > MAX_TRANSACTION_BYTES + ENVELOPE_BYTES) return { code: "ERR_TX_TOO_LARGE", kind: 0 };
  if (!isEnvelope(bytes)) return { code: "ERR_TX_MALFORMED", kind: 0 };
  const { kind, payload, signature } = SignedTransaction.deserialize(bytes);
  const type = payloadType(kind);
  if (!type) return { code: "ERR_TX_UNKNOWN_KIND", kind };
  if (isWellFormed(type, payload) === false) return { code: "ERR_TX_MALFORMED", kind };
  try {
    return { code: "OK", kind, tx: parsePayload(kind, payload), signature };
  } catch (error) {
    if (isFlkError(error, "ERR_DECODE")) return { code: "ERR_TX_MALFORMED", kind };
    throw error;
  }
}
