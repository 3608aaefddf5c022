import type { ClosedEpoch } from "#node/transition/execute.ts";
import { minBigint } from "#protocol/types/bigint.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";

export type LotClosed = Extract<L2Event, { type: "lotClosed" }>;

/** How a lot is sold: so much of it is bought, basis points. */
export interface Sale {
  share: number;
}

/** What a history needs of the L2: it takes deposits, gets the settlements, and sells lots. */
export interface Outside {
  /** whom the buyback is paid to */
  readonly auction: Uint8Array;
  /** micro-USD, not zero */
  deposit(account: Uint8Array, amount: bigint): Promise<void>;
  settle(closed: ClosedEpoch): Promise<void>;
  /** Opens, sells and closes a lot of all epochs that have none; undefined when there is nothing to sell. */
  sell(sale: Sale): Promise<LotClosed | undefined>;
}

const BPS = 10_000n;
/** wei per micro-USD */
const PRICE = 10n ** 13n;

/** As the contracts do it, without them: for many histories. */
export class PlainOutside implements Outside {
  readonly auction: Uint8Array;
  #settled: ClosedEpoch | undefined;
  #covered = 0;
  #paid = 0n;
  #rolled = 0n;

  constructor(auction: Uint8Array) {
    this.auction = auction;
  }

  async deposit(): Promise<void> {}

  async settle(closed: ClosedEpoch): Promise<void> {
    this.#settled = closed;
  }

  async sell({ share }: Sale): Promise<LotClosed | undefined> {
    const report = this.#settled?.report;
    if (!report || report.epoch < this.#covered) return undefined;
    const paid = report.payouts.find(({ account }) => equalBytes(account, this.auction))?.stable ?? 0n;
    const revenue = paid - this.#paid;
    const amount = revenue + this.#rolled;
    if (amount === 0n) return undefined;
    const sold = minBigint(amount, (amount * BigInt(share)) / BPS);
    const burned = sold * PRICE;
    const [fromEpoch, toEpoch, rolled] = [this.#covered, report.epoch, amount - sold];
    [this.#covered, this.#paid, this.#rolled] = [toEpoch + 1, paid, rolled];
    const counted = (burned * revenue) / amount;
    return { type: "lotClosed", auction: this.auction, fromEpoch, toEpoch, sold, rolled, burned, counted };
  }
}
