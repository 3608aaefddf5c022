import { erc20Abi } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { L2Client } from "./l2-client.ts";

/** Base units of `token` that `spender` may take from `owner` on the L2. */
export function getAllowance(
  l2: Pick<L2Client, "public">,
  { token, owner, spender }: { token: Hex; owner: Hex; spender: Hex },
): Promise<bigint> {
  const args = [owner, spender] as const;
  return l2.public.readContract({ address: token, abi: erc20Abi, functionName: "allowance", args });
}
