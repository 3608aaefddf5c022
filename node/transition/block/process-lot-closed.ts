import { minBigint } from "#protocol/types/bigint.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import type { State } from "../state.ts";

type LotClosed = Extract<L2Event, { type: "lotClosed" }>;

/** Whatever the L2 says, it must not stop the chain. */
const MAX_BURN = (1n << 128n) - 1n;

/**
 * Says to the epochs of a lot what was burned for them; the next close grants it (ECO-LOT). An epoch has one lot: what
 * comes later for it, or from an auction that its buyback was not paid to, changes nothing.
 */
export function processLotClosed(state: State, event: LotClosed): void {
  const waiting = state.grants
    .values()
    .filter(
      ({ epoch, auction, lotClosed }) =>
        lotClosed === 0 &&
        epoch >= event.fromEpoch &&
        epoch <= event.toEpoch &&
        equalBytes(auction, event.auction),
    );
  const lotBuyback = waiting.flatMap(({ grants }) => grants).reduce((sum, { buyback }) => sum + buyback, 0n);
  const burn = lotBurn(event, lotBuyback);
  for (const pending of waiting) state.grants.put({ ...pending, lotClosed: 1, lotBuyback, lotBurn: burn });
}

/**
 * wei burned for `buyback` micro-USD of a lot (ECO-LOT): what the auction counts, but no more than these bought. Whatever else
 * the lot sold, such as what it was sent or what an earlier one left, burned for nobody.
 */
export function lotBurn(
  lot: Pick<LotClosed, "sold" | "rolled" | "burned" | "counted">,
  buyback: bigint,
): bigint {
  const amount = lot.sold + lot.rolled;
  if (amount === 0n) return 0n;
  return minBigint(MAX_BURN, minBigint(lot.counted, (lot.burned * buyback) / amount));
}
