import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { integer, list, object, text } from "../rpc/json.ts";

export interface TransactionReceipt {
  height: number;
  /** OK, or the code that says why the chain rejected it (RECEIPT_CODES) */
  status: string;
  /** of a SubmitAcks, one per acknowledgement (ACK_CODES) */
  ackStatus: string[];
}

/** Outcome of a transaction; undefined while it is not committed. */
export async function getReceipt(
  client: FlkClient,
  { id }: { id: Hex },
): Promise<TransactionReceipt | undefined> {
  const result = await client.request("flk_get_receipt", [id]);
  if (result === null) return undefined;
  const receipt = object(result, "receipt");
  return {
    height: integer(receipt.height, "height"),
    status: text(receipt.status, "status"),
    ackStatus: list(receipt.ack_status, "ack_status").map((code) => text(code, "ack_status")),
  };
}
