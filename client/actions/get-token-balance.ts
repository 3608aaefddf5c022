import { erc20Abi } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { L2Client } from "./l2-client.ts";

/** Base units of `token` that `owner` holds on the L2. */
export function getTokenBalance(
  l2: Pick<L2Client, "public">,
  { token, owner }: { token: Hex; owner: Hex },
): Promise<bigint> {
  return l2.public.readContract({ address: token, abi: erc20Abi, functionName: "balanceOf", args: [owner] });
}
