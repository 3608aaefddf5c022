import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Closes a lot whose time is over, so that its epochs are granted what it burned; anyone may. @throws ERR_L2_REVERTED (LotOver, LotStillOpen) */
export async function closeLot(l2: L2Client, { lotId }: { lotId: bigint }): Promise<L2Receipt> {
  const address = contractAddress(l2, "auction");
  return execute(l2, { address, abi: buybackAuctionAbi, functionName: "close", args: [lotId] });
}
