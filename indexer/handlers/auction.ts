import { plus, type Rows } from "../store/rows.ts";
import { bids, lots } from "../store/schema.ts";
import type { LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";

/** Writes what one finalized log of the buyback auction says. */
export function applyAuctionLog(rows: Rows, log: LogOf<"auction">): void {
  switch (log.eventName) {
    case "LotOpened": {
      const { lotId, fromEpoch, toEpoch, closesAt, ...amounts } = log.args;
      rows.insert(lots, {
        id: Number(lotId),
        ...placeOf(log),
        ...amounts,
        fromEpoch: Number(fromEpoch),
        toEpoch: Number(toEpoch),
        opensAt: log.time / 1000,
        closesAt,
      });
      return;
    }
    case "LotMoved": {
      const { lotId, opensAt, closesAt } = log.args;
      rows.update(lots, { id: Number(lotId), opensAt, closesAt });
      return;
    }
    case "LotSold": {
      const { lotId, bidder, to, stableSold: stable, flkBurned: flk } = log.args;
      const lot = Number(lotId);
      rows.insert(bids, {
        ...placeOf(log),
        lot,
        bidder: lower(bidder),
        recipient: lower(to),
        stable,
        flk,
      });
      rows.update(lots, { id: lot, sold: plus(stable), burned: plus(flk) });
      return;
    }
    case "LotClosed": {
      const { lotId, sold, burned, rolled, counted } = log.args;
      const closed = { closed: true, closedBlock: log.block, sold, burned, rolled, counted };
      rows.update(lots, { id: Number(lotId), ...closed });
      return;
    }
  }
}
