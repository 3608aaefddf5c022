import { and, asc, eq, isNotNull } from "drizzle-orm";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import type { Reader } from "../store/database.ts";
import { accountEpochs, accounts, epochs } from "../store/schema.ts";

/** Cumulative amounts, in micro-USD and wei. */
interface Amounts {
  stable: bigint;
  flk: bigint;
}

/** What an account earned in one verified epoch; claims pay the oldest earnings first. */
export interface Earning {
  earned: Amounts;
  /** of what was earned */
  claimed: Amounts;
  /** of what was earned: zero until the epoch is final */
  claimable: Amounts;
}

/** `before`, `after`: cumulative payouts at the close of the epoch before and of this one; `claimed`: cumulative claims now. */
export function earningOf(before: Amounts, after: Amounts, claimed: Amounts, final: boolean): Earning {
  const stable = part(before.stable, after.stable, claimed.stable, final);
  const flk = part(before.flk, after.flk, claimed.flk, final);
  return {
    earned: { stable: stable.earned, flk: flk.earned },
    claimed: { stable: stable.claimed, flk: flk.claimed },
    claimable: { stable: stable.claimable, flk: flk.claimable },
  };
}

function part(before: bigint, after: bigint, cumulativeClaims: bigint, final: boolean) {
  const earned = after - before;
  const claimed = maxBigint(0n, minBigint(earned, cumulativeClaims - before));
  return { earned, claimed, claimable: final ? earned - claimed : 0n };
}

const HEADER =
  "epoch,close_time,final,earned_micro_usd,earned_wei,claimed_micro_usd,claimed_wei,claimable_micro_usd,claimable_wei";

/** One line per verified epoch, oldest first; amounts are exact whole numbers. Times are ISO 8601. */
export async function earningsCsv(db: Reader, account: string): Promise<string> {
  const [owner] = await db.select().from(accounts).where(eq(accounts.address, account));
  const claimed = { stable: owner?.claimedStable ?? 0n, flk: owner?.claimedFlk ?? 0n };
  const rows = await db
    .select({
      epoch: epochs.number,
      closeTime: epochs.closeTime,
      final: epochs.final,
      stable: accountEpochs.payoutStable,
      flk: accountEpochs.payoutFlk,
    })
    .from(accountEpochs)
    .innerJoin(epochs, eq(epochs.number, accountEpochs.epoch))
    .where(and(eq(accountEpochs.account, account), eq(epochs.verified, true), isNotNull(epochs.closeTime)))
    .orderBy(asc(accountEpochs.epoch));
  const lines = rows.map((row, i) => {
    const earning = earningOf(rows[i - 1] ?? { stable: 0n, flk: 0n }, row, claimed, row.final);
    const amounts = [earning.earned, earning.claimed, earning.claimable].flatMap(({ stable, flk }) => [
      stable,
      flk,
    ]);
    const time = new Date(row.closeTime ?? 0).toISOString();
    return [row.epoch, time, row.final, ...amounts].join(",");
  });
  return `${[HEADER, ...lines].join("\r\n")}\r\n`;
}
