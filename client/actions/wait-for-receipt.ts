import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { getReceipt, type TransactionReceipt } from "./get-receipt.ts";

/**
 * Waits until a transaction has committed; a node that does not answer for a while is asked again.
 * @throws ERR_RECEIPT_TIMEOUT after `timeoutMs` (30 s when absent), and the receipt's own code when the chain rejected it
 */
export async function waitForReceipt(
  client: FlkClient,
  { id, timeoutMs = 30_000, pollMs = 200 }: { id: Hex; timeoutMs?: number; pollMs?: number },
): Promise<TransactionReceipt> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const receipt = await getReceipt(client, { id }).catch((error: unknown) => {
      if (isFlkError(error, "ERR_RPC_UNREACHABLE")) return undefined;
      throw error;
    });
    if (receipt?.status === "OK") return receipt;
    if (receipt) throw new FlkError(receipt.status, `the chain rejected transaction ${id}`, { id });
    if (performance.now() >= end)
      throw clientError("ERR_RECEIPT_TIMEOUT", `no receipt after ${timeoutMs} ms`, { id });
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
