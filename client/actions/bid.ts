import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Buys `amount` micro-USD of a lot, or the rest of it, at the price of the moment and for at most `maxFlk` wei, which the
 * auction must be allowed to take; the FLK is burned. `to` gets the stablecoin, the wallet itself when absent.
 * @throws ERR_L2_REVERTED (LotOver, TooExpensive)
 */
export async function bid(
  l2: L2Client,
  parameters: { lotId: bigint; amount: bigint; maxFlk: bigint; to?: Hex },
): Promise<L2Receipt> {
  const { lotId, amount, maxFlk, to = l2.wallet.account.address } = parameters;
  const address = contractAddress(l2, "auction");
  const args = [lotId, amount, maxFlk, to];
  return execute(l2, { address, abi: buybackAuctionAbi, functionName: "bid", args });
}
