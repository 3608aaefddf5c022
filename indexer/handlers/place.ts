import type { Place } from "../sync/l2-logs.ts";

/** Where a log is, without the rest of it. */
export function placeOf({ block, logIndex, txHash, time }: Place): Place {
  return { block, logIndex, txHash, time };
}
