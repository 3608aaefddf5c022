import type { PublicClient } from "viem";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import type { L2Settlement } from "#protocol/digests/settlement.ts";
import type { Hex } from "#protocol/types/hex.ts";

/** L2 blocks per log query: public endpoints refuse long ranges. */
const RANGE = 10_000n;

/** The settlement with this digest as it was posted, newest blocks first; undefined when none was since `fromBlock`. */
export async function findSettled(
  client: PublicClient,
  address: Hex,
  fromBlock: bigint,
  digest: Hex,
): Promise<L2Settlement | undefined> {
  let toBlock = await client.getBlockNumber({ cacheTime: 0 });
  while (toBlock >= fromBlock) {
    const from = toBlock - RANGE + 1n > fromBlock ? toBlock - RANGE + 1n : fromBlock;
    const event = { abi: epochSettlementAbi, eventName: "Settled", args: { digest }, strict: true } as const;
    const [log] = await client.getContractEvents({ address, ...event, fromBlock: from, toBlock });
    if (log) return log.args.settlement;
    toBlock = from - 1n;
  }
  return undefined;
}
