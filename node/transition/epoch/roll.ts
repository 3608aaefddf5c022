import type { Committee } from "#protocol/types/committee.ts";
import { activateParameters, epochLength } from "../parameters.ts";
import type { State } from "../state.ts";
import { drawRing } from "./reputation/ring.ts";

/** The epoch boundary for prices (TRN-PRICE): those of the ended epoch stay known for late acknowledgements. */
export function activatePrices(state: State): void {
  for (const service of [...state.serviceTable.values()]) {
    if (same(service.prices, service.nextPrices) && same(service.previousPrices, service.prices)) continue;
    state.serviceTable.put({ ...service, previousPrices: service.prices, prices: service.nextPrices });
  }
}

function same(a: bigint[], b: bigint[]): boolean {
  return a.length === b.length && a.every((price, i) => price === b[i]);
}

/** Makes the state that of the next epoch, which starts at `closeTime` (Unix ms). */
export function rollEpoch(state: State, closeTime: number, committee: Committee, eligible: number[]): void {
  const { epoch, nextSeed } = state.meta.value;
  activateParameters(state);
  activatePrices(state);
  state.lanesOf(epoch + 1).clear();
  state.laneCountsOf(epoch + 1).clear();
  state.reservationsOf(epoch + 1).clear();
  state.delegatesOf(epoch + 1).clear();
  state.work.clear();
  state.reputation.reports.clear();
  state.reputation.ring.set(drawRing(state, nextSeed));
  state.reports.set([]);
  state.members.set(committee);
  state.eligible.set(eligible);
  state.patchMeta({
    epoch: epoch + 1,
    blocks: 0,
    transactions: 0,
    openTime: closeTime,
    epochEnd: closeTime + epochLength(state),
    seed: nextSeed,
    opening: new Uint8Array(32),
  });
}
