import { transactionId } from "#protocol/digests/ids.ts";
import type { Transaction } from "#protocol/digests/transactions.ts";
import { receiptStatus } from "#protocol/errors/codes.ts";
import type { Receipt } from "#protocol/types/block.ts";
import { TX } from "#protocol/types/transactions.ts";
import type { State } from "../state.ts";
import { authenticate } from "./authenticate.ts";
import { parseBody, parseEnvelope } from "./parse-transaction.ts";
import { processAuthorizeSession } from "./process-authorize-session.ts";
import { processOptIn, processOptOut } from "./process-participation.ts";
import { processRevokeSession } from "./process-revoke-session.ts";
import { processSubmitAcks } from "./process-submit-acks.ts";
import { processTransfer } from "./process-transfer.ts";
import { processWithdraw } from "./process-withdraw.ts";
import { rejectionCode } from "./rejection.ts";

type Effects = Pick<Receipt, "changes" | "ackStatus">;

/** Applies hostile bytes or says by code why not (TRN-TX). `kind` of the receipt is 0 when not even that is readable. */
export function processTransaction(state: State, bytes: Uint8Array): Receipt {
  const receipt: Receipt = {
    txId: transactionId(bytes),
    kind: 0,
    status: receiptStatus("OK"),
    ackStatus: [],
    changes: [],
  };
  try {
    const signed = parseEnvelope(bytes);
    receipt.kind = signed.kind;
    const tx = parseBody(signed);
    authenticate(state, tx, signed.signature);
    Object.assign(receipt, dispatch(state, tx));
  } catch (error) {
    const code = rejectionCode(error);
    if (!code) throw error;
    receipt.status = receiptStatus(code);
  }
  return receipt;
}

function dispatch(state: State, tx: Transaction): Partial<Effects> {
  switch (tx.kind) {
    case TX.transfer:
      return { changes: processTransfer(state, tx.body) };
    case TX.withdraw:
      return { changes: processWithdraw(state, tx.body) };
    case TX.submitAcks:
      return processSubmitAcks(state, tx.body);
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
  }
}
