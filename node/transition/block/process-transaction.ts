import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { transactionId } from "#protocol/digests/ids.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { receiptStatus } from "#protocol/errors/codes.ts";
import type { Receipt } from "#protocol/types/block.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { State } from "../state.ts";
import { authenticate } from "./authenticate.ts";
import { parseTransaction } from "./parse-transaction.ts";
import { processAuthorizeSession } from "./process-authorize-session.ts";
import { processOptIn, processOptOut } from "./process-participation.ts";
import { processReserve } from "./process-reserve.ts";
import { processRevokeSession } from "./process-revoke-session.ts";
import { processSubmitAcks } from "./process-submit-acks.ts";
import { processSubmitReputation } from "./process-submit-reputation.ts";
import { processTransfer } from "./process-transfer.ts";
import { processWithdraw } from "./process-withdraw.ts";
import { rejectionCode } from "./rejection.ts";

interface Effects extends Pick<Receipt, "changes" | "ackStatus"> {
  /** accepted and changed nothing: work for everyone and news for no one, so that the report does not count it */
  isIdle: boolean;
}

/** Applies hostile bytes, counting what changes something, or says by code why not (TRN-TX). `kind` of the receipt is 0 when not even that is readable. */
export function processTransaction(state: State, bytes: Uint8Array, signatures: SignatureVerifier): Receipt {
  const parsed = parseTransaction(bytes);
  const code =
    parsed.code === "OK"
      ? authenticate(state, signatures, { tx: parsed.tx, signature: parsed.signature, size: bytes.length })
      : parsed.code;
  const receipt: Receipt = {
    txId: transactionId(bytes),
    kind: parsed.kind,
    status: receiptStatus(code),
    ackStatus: [],
    changes: [],
  };
  return parsed.code === "OK" && code === "OK" ? apply(state, parsed.tx, receipt, signatures) : receipt;
}

/** From here on a signature was paid for by quota, so that a rejection may cost an exception. */
function apply(state: State, tx: Transaction, receipt: Receipt, signatures: SignatureVerifier): Receipt {
  try {
    const { isIdle = false, ...effects } = dispatch(state, tx, signatures);
    if (!isIdle) state.patchMeta({ transactions: state.meta.value.transactions + 1 });
    return Object.assign(receipt, effects);
  } catch (error) {
    const code = rejectionCode(error);
    if (!code) throw error;
    receipt.status = receiptStatus(code);
    return receipt;
  }
}

function dispatch(state: State, tx: Transaction, signatures: SignatureVerifier): Partial<Effects> {
  switch (tx.kind) {
    case TX.transfer:
      return { changes: processTransfer(state, tx.body) };
    case TX.withdraw:
      return { changes: processWithdraw(state, tx.body) };
    case TX.submitAcks: {
      const paid = processSubmitAcks(state, tx.body, signatures);
      return { ...paid, isIdle: paid.changes.length === 0 };
    }
    case TX.authorizeSession:
      processAuthorizeSession(state, tx.body);
      return {};
    case TX.revokeSession:
      processRevokeSession(state, tx.body);
      return {};
    case TX.optIn:
      processOptIn(state, tx.body);
      return {};
    case TX.optOut:
      processOptOut(state, tx.body);
      return {};
    case TX.reserve:
      return { isIdle: !processReserve(state, tx.body, signatures) };
    case TX.submitReputation:
      processSubmitReputation(state, tx.body);
      return {};
  }
}
