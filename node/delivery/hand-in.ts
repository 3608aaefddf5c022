import type { TransactionPool } from "#node/interface/chain-view.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { isFlkError } from "#protocol/errors/error.ts";

/** Of the pool, or of the chain: transactions of later sequence numbers were ordered first, and it needs another one (TRN-SEQUENCE). */
const OVERTAKEN = "ERR_BAD_NONCE";

/** Its txId; undefined when it was overtaken. @throws the pool's other codes */
export async function handIn(pool: TransactionPool, bytes: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await pool.submit(bytes);
  } catch (error) {
    if (isFlkError(error, OVERTAKEN)) return undefined;
    throw error;
  }
}

export function wasOvertaken(receipt: { status: number }): boolean {
  return RECEIPT_CODES[receipt.status] === OVERTAKEN;
}
