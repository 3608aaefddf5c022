import { erc20Abi } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Lets `spender` take `amount` base units of `token` from the caller. */
export function approve(
  l2: L2Client,
  { token, spender, amount }: { token: Hex; spender: Hex; amount: bigint },
): Promise<L2Receipt> {
  return execute(l2, { address: token, abi: erc20Abi, functionName: "approve", args: [spender, amount] });
}
