import { and, asc, eq, isNotNull } from "drizzle-orm";
import { maxBigint, minBigint } from "#protocol/types/bigint.ts";
import { accountEpochs, accounts, epochs, settlements } from "../store/schema.ts";
import type { ApiSource } from "./context.ts";
import { type Finality, finalityBy } from "./finality.ts";

/** Cumulative amounts, in micro-USD and wei. */
interface Amounts {
  stable: bigint;
  flk: bigint;
}

/** What an account earned in one verified epoch; claims pay the oldest earnings first. */
export interface Earning {
  earned: Amounts;
  /** of what was earned: all of it once a settlement on the L2 stands for it, zero before */
  settled: Amounts;
  /** of what was earned */
  claimed: Amounts;
  /** of what was earned: zero until the epoch is final */
  claimable: Amounts;
}

/** `before`, `after`: cumulative payouts at the close of the epoch before and of this one; `claimed`: cumulative claims now. */
export function earningOf(before: Amounts, after: Amounts, claimed: Amounts, finality: Finality): Earning {
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
  "epoch,close_time,final,earned_micro_usd,earned_wei,claimed_micro_usd,claimed_wei,claimable_micro_usd,claimable_wei,settled_micro_usd,settled_wei";

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
      settlement: { digest: settlements.digest, voided: settlements.voided },
      stable: accountEpochs.payoutStable,
      flk: accountEpochs.payoutFlk,
    })
    .from(accountEpochs)
    .innerJoin(epochs, eq(epochs.number, accountEpochs.epoch))
    .leftJoin(settlements, eq(settlements.epoch, accountEpochs.epoch))
    .where(and(eq(accountEpochs.account, account), eq(epochs.verified, true), isNotNull(epochs.closeTime)))
    .orderBy(asc(accountEpochs.epoch));
  const lines = rows.map((row, i) => {
    const { epoch } = row;
    const finality = finalityBy(epoch, posted, row.settlement ?? undefined);
    const earning = earningOf(rows[i - 1] ?? { stable: 0n, flk: 0n }, row, claimed, finality);
    const parts = [earning.earned, earning.claimed, earning.claimable, earning.settled];
    const amounts = parts.flatMap(({ stable, flk }) => [stable, flk]);
    const time = new Date(epoch.closeTime ?? 0).toISOString();
    return [epoch.number, time, epoch.final, ...amounts].join(",");
  });
  return `${[HEADER, ...lines].join("\r\n")}\r\n`;
}
