import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { contractAddress, type L2Reader } from "./l2-client.ts";

/** A lot of the buyback. Epochs inclusive, times Unix seconds, stablecoin micro-USD, FLK wei. */
export interface Lot {
  lotId: bigint;
  fromEpoch: number;
  toEpoch: number;
  closesAt: number;
  closed: boolean;
  amount: bigint;
  sold: bigint;
  burned: bigint;
}

/** The newest lot, the only one that can be on sale; undefined before the first. @throws ERR_CONTRACT_UNKNOWN */
export async function getNewestLot(l2: L2Reader): Promise<Lot | undefined> {
  const auction = { address: contractAddress(l2, "auction"), abi: buybackAuctionAbi } as const;
  const count = await l2.public.readContract({ ...auction, functionName: "lotCount" });
  if (count === 0n) return undefined;
  return getLot(l2, { lotId: count - 1n });
}

/** @throws ERR_CONTRACT_UNKNOWN; the contract's own error for a lot that never was */
export async function getLot(l2: L2Reader, { lotId }: { lotId: bigint }): Promise<Lot> {
  const auction = { address: contractAddress(l2, "auction"), abi: buybackAuctionAbi } as const;
  const lot = await l2.public.readContract({ ...auction, functionName: "lot", args: [lotId] });
  const { fromEpoch, toEpoch, closesAt, closed, amount, sold, burned } = lot;
  return {
    lotId,
    fromEpoch: Number(fromEpoch),
    toEpoch: Number(toEpoch),
    closesAt,
    closed,
    amount,
    sold,
    burned,
  };
}

/** wei that a micro-USD of the lot costs in the newest L2 block; the contract's own error when the lot is over. */
export async function getLotPrice(l2: L2Reader, { lotId }: { lotId: bigint }): Promise<bigint> {
  return l2.public.readContract({
    address: contractAddress(l2, "auction"),
    abi: buybackAuctionAbi,
    functionName: "price",
    args: [lotId],
  });
}
