import type { ReceiptCode } from "#protocol/errors/codes.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { FlkError } from "#protocol/errors/error.ts";

export type RejectionCode = Exclude<ReceiptCode, "OK">;

/** What a sender did wrong: becomes the status of the receipt. */
export function rejection(code: RejectionCode, message: string): FlkError<RejectionCode> {
  return new FlkError(code, message);
}

/** The receipt code of a thrown value; undefined for what is not a rejection and must stop the block. */
export function rejectionCode(error: unknown): RejectionCode | undefined {
  if (!(error instanceof FlkError)) return undefined;
  return RECEIPT_CODES.find((code): code is RejectionCode => code !== "OK" && code === error.code);
}
