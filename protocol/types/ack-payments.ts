import { type AckCode, ackStatus } from "../errors/codes.ts";
import type { Ack } from "./ack.ts";
import { type BalanceChange, CHANGE, type Receipt } from "./block.ts";
import { equalBytes } from "./codec.ts";

const PAID: readonly AckCode[] = ["OK", "ACK_PARTIAL_BALANCE", "ACK_PARTIAL_LIMIT"];
const PAID_STATUS: ReadonlySet<number> = new Set(PAID.map(ackStatus));

/**
 * What was paid for each acknowledgement of an applied `SubmitAcks`, undefined for one that was not (TRN-ACK): the code of each says whether it
 * was, and payments come in their order. Undefined in all when the payments do not fit the codes: no honest committee signs that.
 */
export function ackPayments(
  acks: readonly Pick<Ack, "account">[],
  { ackStatus: statuses, changes }: Pick<Receipt, "ackStatus" | "changes">,
): (BalanceChange | undefined)[] | undefined {
  const payments = changes.filter(({ reason }) => reason === CHANGE.ackPayment);
  let next = 0;
  const paid = acks.map((_, i) => (PAID_STATUS.has(statuses[i] ?? -1) ? payments[next++] : undefined));
  const fits = acks.every((ack, i) => {
    const payment = paid[i];
    return !payment || equalBytes(payment.account, ack.account);
  });
  return fits && next === payments.length && statuses.length === acks.length ? paid : undefined;
}
