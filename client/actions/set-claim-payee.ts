import { zeroAddress } from "viem";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Sends claims of the wallet's account to `payee` from now on, whoever claims; to the account itself when it is absent. */
export function setClaimPayee(
  l2: L2Client,
  { payee = zeroAddress }: { payee?: Hex | undefined } = {},
): Promise<L2Receipt> {
  const address = l2.contracts.settlement;
  return execute(l2, { address, abi: epochSettlementAbi, functionName: "setPayee", args: [payee] });
}
