import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** EpochSettlement.HELD_VETO */
const HELD_VETO = 32;

/**
 * Holds the pending settlement `digest` of `epoch`, so that it pays nothing until governance releases or voids it. Only the guardian may.
 * "held" when the L2 has it vetoed. Undefined when this RPC does not show it pending: it lags, or there is nothing to do any more.
 * @throws ERR_L2_REVERTED, with reason VetoTooLate once it is due
 */
export async function vetoSettlement(
  l2: L2Client,
  { epoch, digest }: { epoch: number; digest: Hex },
): Promise<L2Receipt | "held" | undefined> {
  const contract = { address: l2.contracts.settlement, abi: epochSettlementAbi } as const;
  const args = [BigInt(epoch)] as const;
  const { firstPending, nextEpoch } = await l2.public.readContract({ ...contract, functionName: "status" });
  if (args[0] < firstPending || args[0] >= nextEpoch) return undefined;
  const [pending, , reasons] = await l2.public.readContract({ ...contract, functionName: "pending", args });
  if (pending !== digest) return undefined;
  if ((reasons & HELD_VETO) !== 0) return "held";
  const { result: _, ...receipt } = await execute(l2, { ...contract, functionName: "veto", args });
  return receipt;
}
