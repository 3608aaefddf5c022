import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import type { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import type { FlkClient } from "../client.ts";
import { getSettled, proofOf } from "./claim.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Puts the buyback of the epochs that became active since the last lot on sale, and closes that lot when its time is over; anyone
 * may.
 * @throws ERR_NOT_SETTLED, ERR_REPORT_HASH, ERR_NO_PAYOUT when no epoch has paid the auction yet, ERR_L2_REVERTED (NoNewEpoch,
 * LotStillOpen, LotTooSmall)
 */
export async function openLot(
  client: FlkClient,
  l2: L2Client,
  parameters: { settled?: { settlement: Settlement; report: EpochReport } } = {},
): Promise<L2Receipt & { lotId: bigint }> {
  const address = contractAddress(l2, "auction");
  const settled = parameters.settled ?? (await getSettled(client, l2));
  const { stable, flk, proof } = proofOf(settled, address);
  const { result, ...receipt } = await execute(l2, {
    address,
    abi: buybackAuctionAbi,
    functionName: "open",
    args: [stable, flk, proof],
  });
  return { ...receipt, lotId: result as bigint };
}
