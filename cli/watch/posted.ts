import type { L2Reader } from "#client/actions/l2-client.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import type { L2Settlement } from "#protocol/digests/settlement.ts";
import type { Hex } from "#protocol/types/hex.ts";

/** L2 blocks per log query. */
const PAGE = 10_000n;
/** Newest L2 blocks that are read again: they may still change. */
const UNSETTLED = 64n;

/** A settlement as the L2 has it, final or not: a veto cannot wait for finality. */
export interface Posted {
  epoch: number;
  digest: Hex;
  settlement: L2Settlement;
  /** Unix seconds */
  postedAt: number;
  activatesAt: number;
}

export interface Queue {
  /** Unix seconds of the newest L2 block */
  now: number;
  /** epochs in [firstPending, nextEpoch) are posted and not active */
  firstPending: number;
  nextEpoch: number;
}

/** Reads what is posted on the L2, from the deployment on. */
export class PostedReader {
  readonly #l2: L2Reader;
  #next: bigint;

  constructor(l2: L2Reader, fromBlock: number) {
    this.#l2 = l2;
    this.#next = BigInt(fromBlock);
  }

  /** Those since the last call, and again those of the newest blocks. */
  async read(): Promise<Posted[]> {
    const newest = await this.#l2.public.getBlockNumber({ cacheTime: 0 });
    const found: Posted[] = [];
    let from = this.#next;
    while (from <= newest) {
      const to = from + PAGE - 1n < newest ? from + PAGE - 1n : newest;
      const logs = await this.#l2.public.getContractEvents({
        ...{ address: this.#l2.contracts.settlement, abi: epochSettlementAbi, eventName: "Settled" as const },
        ...{ fromBlock: from, toBlock: to, strict: true as const },
      });
      for (const { args, blockNumber } of logs) {
        const { timestamp } = await this.#l2.public.getBlock({ blockNumber });
        const { epoch, digest, settlement, activatesAt } = args;
        const times = { postedAt: Number(timestamp), activatesAt: Number(activatesAt) };
        found.push({ epoch: Number(epoch), digest, settlement, ...times });
      }
      from = to + 1n;
    }
    const again = newest - UNSETTLED;
    if (again > this.#next) this.#next = again;
    return found;
  }

  async queue(): Promise<Queue> {
    const contract = { address: this.#l2.contracts.settlement, abi: epochSettlementAbi } as const;
    const [{ firstPending, nextEpoch }, { timestamp }] = await Promise.all([
      this.#l2.public.readContract({ ...contract, functionName: "status" }),
      this.#l2.public.getBlock(),
    ]);
    return { now: Number(timestamp), firstPending: Number(firstPending), nextEpoch: Number(nextEpoch) };
  }
}
