import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import type { L2Settlement } from "#protocol/digests/settlement.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { L2Reader } from "./l2-client.ts";

/** Which L2 blocks are searched. */
export interface SettlementRange {
  /** the first L2 block that is looked at: that of the deployment */
  fromBlock: bigint;
  /** blocks that the L2 answers for at once; 10000 when absent */
  page?: bigint;
}

/** The settlement with this digest as it was posted on the L2, newest blocks first; undefined when none was. Needs no node. */
export async function findSettlement(
  l2: L2Reader,
  { digest, fromBlock, page = 10_000n }: SettlementRange & { digest: Hex },
): Promise<L2Settlement | undefined> {
  let to = await l2.public.getBlockNumber();
  while (to >= fromBlock) {
    const from = to - page + 1n > fromBlock ? to - page + 1n : fromBlock;
    const [log] = await l2.public.getContractEvents({
      address: l2.contracts.settlement,
      abi: epochSettlementAbi,
      eventName: "Settled",
      args: { digest },
      fromBlock: from,
      toBlock: to,
      strict: true,
    });
    if (log) return log.args.settlement;
    to = from - 1n;
  }
  return undefined;
}
