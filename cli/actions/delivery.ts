import type { Hex } from "#protocol/types/hex.ts";
import type { FetchCommand } from "../cmds/fetch.ts";
import { cliError } from "../errors.ts";
import { parseBytes32, parseStable } from "../io/amounts.ts";
import { assertWritable } from "../io/output-file.ts";

/** all that the RPC lists */
export const MAX_NODES = 1_000;

/**
 * What `fetch` and `compute` are told alike. `limits`: micro-USD, as `openSession` takes them.
 * @throws ERR_USAGE, ERR_AMOUNT, ERR_OUTPUT_FILE
 */
export async function parseDelivery(
  named: string,
  { json, output, maxReserve, maxPrice }: Pick<FetchCommand, "json" | "output" | "maxReserve" | "maxPrice">,
): Promise<{ hash: Hex; limits: { maxReserve: bigint; maxPrice?: bigint } }> {
  const hash = parseBytes32(named, "a BLAKE3 hash");
  if (json && output === undefined) throw cliError("ERR_USAGE", "--json needs --output");
  const limits = {
    maxReserve: maxReserve === "0" ? 0n : parseStable(maxReserve),
    ...(maxPrice !== undefined && { maxPrice: parseStable(maxPrice) }),
  };
  if (output !== undefined) await assertWritable(output);
  return { hash, limits };
}
