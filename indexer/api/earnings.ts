import { and, asc, eq, gt, inArray, isNotNull, lte, sql } from "drizzle-orm";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { oncePer } from "../once-per.ts";
import type { Reader } from "../store/database.ts";
import { accountEpochs, accounts, epochs, settlements, withdrawals } from "../store/schema.ts";
import type { ApiSource } from "./context.ts";
import { type Finality, finalityBy } from "./finality.ts";
import { type SettlementState, stateOfEpoch } from "./settlement-state.ts";

/** Cumulative amounts, in micro-USD and wei. */
interface Amounts {
  stable: bigint;
  flk: bigint;
}

/** What came with one verified epoch; claims pay the oldest first. */
interface Parts {
  earned: Amounts;
  /** of what was earned: all of it once a settlement on the L2 stands for it, zero before */
  settled: Amounts;
  /** of what was earned */
  claimed: Amounts;
  /** of what was earned: zero until the epoch is final */
  claimable: Amounts;
}

export interface Earning extends Parts {
  account: string;
  /** epochs whose payouts these are: after the first, up to the last */
  span: [number, number];
  /** of the settlement of its epoch; null when none is posted */
  state: SettlementState | null;
}

/** `before`, `after`: cumulative payouts at the close of the epoch before and of this one; `claimed`: cumulative claims now. */
export function earningOf(before: Amounts, after: Amounts, claimed: Amounts, finality: Finality): Parts {
  const stable = part(before.stable, after.stable, claimed.stable, finality);
  const flk = part(before.flk, after.flk, claimed.flk, finality);
  return {
    earned: { stable: stable.earned, flk: flk.earned },
    settled: { stable: stable.settled, flk: flk.settled },
    claimed: { stable: stable.claimed, flk: flk.claimed },
    claimable: { stable: stable.claimable, flk: flk.claimable },
  };
}

function part(before: bigint, after: bigint, cumulativeClaims: bigint, finality: Finality) {
  const earned = after - before;
  const settled = finality === "COMMITTED" ? 0n : earned;
  const claimed = maxBigint(0n, minBigint(earned, cumulativeClaims - before));
  return { earned, settled, claimed, claimable: finality === "FINAL" ? earned - claimed : 0n };
}

/** New columns come last. */
const HEADER =
  "epoch,close_time,final,earned_micro_usd,earned_wei,claimed_micro_usd,claimed_wei,claimable_micro_usd,claimable_wei,settled_micro_usd,settled_wei,withdrawn_micro_usd,settlement_state";

/** One line per verified epoch, oldest first; amounts are exact whole numbers. Times are ISO 8601. */
export async function earningsCsv(
  { db, progress }: Pick<ApiSource, "db" | "progress">,
  account: string,
): Promise<string> {
  const [owner] = await db.select().from(accounts).where(eq(accounts.address, account));
  const claimed = { stable: owner?.claimedStable ?? 0n, flk: owner?.claimedFlk ?? 0n };
  const { posted } = await progress();
  const rows = await db
    .select({
      epoch: {
        number: epochs.number,
        closeTime: epochs.closeTime,
        verified: epochs.verified,
        digest: epochs.digest,
        final: epochs.final,
      },
      settlement: {
        digest: settlements.digest,
        voided: settlements.voided,
        activatedBlock: settlements.activatedBlock,
        holds: settlements.holds,
      },
      stable: accountEpochs.payoutStable,
      flk: accountEpochs.payoutFlk,
    })
    .from(accountEpochs)
    .innerJoin(epochs, eq(epochs.number, accountEpochs.epoch))
    .leftJoin(settlements, eq(settlements.epoch, accountEpochs.epoch))
    .where(and(eq(accountEpochs.account, account), eq(epochs.verified, true), isNotNull(epochs.closeTime)))
    .orderBy(asc(accountEpochs.epoch));
  const last = rows.at(-1)?.epoch.number ?? -1;
  const withdrawn = sumsUpTo(await readWithdrawn(db, [account], { after: -1, last }));
  const lines = rows.map((row, i) => {
    const { epoch } = row;
    const before = rows[i - 1];
    const finality = finalityBy(epoch, posted, row.settlement ?? undefined);
    const earning = earningOf(before ?? { stable: 0n, flk: 0n }, row, claimed, finality);
    const parts = [earning.earned, earning.claimed, earning.claimable, earning.settled];
    const amounts = parts.flatMap(({ stable, flk }) => [stable, flk]);
    const own = withdrawn(epoch.number) - withdrawn(before?.epoch.number ?? -1);
    const time = new Date(epoch.closeTime ?? 0).toISOString();
    const state = stateOfEpoch(epoch, row.settlement) ?? "";
    return [epoch.number, time, epoch.final, ...amounts, own, state].join(",");
  });
  return `${[HEADER, ...lines].join("\r\n")}\r\n`;
}

/** Balance that became payout in an epoch, micro-USD: it comes with the earnings, and is none. */
export interface Withdrawn {
  account: string;
  epoch: number;
  amount: bigint;
}

/** In the epochs after one, up to another; by epoch, ascending. */
export async function readWithdrawn(
  db: Reader,
  of: string[],
  span: { after: number; last: number },
): Promise<Withdrawn[]> {
  const { account, epoch, amount } = withdrawals;
  return db
    .select({ account, epoch, amount: sql`sum(${amount})`.mapWith(BigInt) })
    .from(withdrawals)
    .where(and(inArray(account, of), gt(epoch, span.after), lte(epoch, span.last)))
    .groupBy(account, epoch)
    .orderBy(asc(epoch));
}

/** All of one account in the epochs up to one; `rows`: by epoch, ascending. */
export function sumsUpTo(rows: readonly Withdrawn[]): (epoch: number) => bigint {
  const totals = totalsOf(rows);
  return (epoch) => {
    let [low, high] = [0, totals.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((totals[middle]?.epoch ?? 0) <= epoch) low = middle + 1;
      else high = middle;
    }
    return totals[low - 1]?.total ?? 0n;
  };
}

const totalsOf = oncePer((rows: readonly Withdrawn[]) => {
  let total = 0n;
  return rows.map(({ epoch, amount }) => {
    total += amount;
    return { epoch, total };
  });
});
