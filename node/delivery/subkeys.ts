import { bytesKey } from "#protocol/types/bytes-key.ts";
import { deliveryError } from "./errors.ts";
import { parentOf } from "./funds.ts";
import type { HeldCredit } from "./held-credits.ts";
import type { Session } from "./sessions.ts";
import type { LaneRequest } from "./types.ts";

/** delegated keys of one session key that are served at once without a reservation */
const MAX_UNCOVERED_SUBKEYS = 64;

/**
 * Delegated keys cost nothing: so that their free windows do not add up, few of one session key may use theirs at a time.
 * Rule D11. Debts of keys that were not used since `before` (of the clock's `elapsed`) do
 * not count: a page that was closed acknowledges nothing more. `spareOf` gives what a key's reservation covers beyond what it owes, micro-USD.
 * @throws ERR_TOO_MANY_SUBKEYS
 */
export function assertFewUncovered(
  held: Iterable<HeldCredit>,
  own: Session,
  before: number,
  spareOf: (request: LaneRequest) => bigint,
): void {
  const parent = nameOf(own.request);
  let others = 0;
  for (const { request, made } of held) {
    if (!request.delegation || !made || made === own.credit || nameOf(request) !== parent) continue;
    if ((made.outstanding > 0 && made.usedAt >= before) || !made.idle || spareOf(request) < 0n) others += 1;
  }
  const max = MAX_UNCOVERED_SUBKEYS;
  if (others < max) return;
  const message = `${max} delegated keys of this session key are served without a reservation`;
  throw deliveryError("ERR_TOO_MANY_SUBKEYS", message, { max });
}

function nameOf(request: LaneRequest): string {
  return bytesKey(request.account) + bytesKey(parentOf(request));
}
