import { and, asc, eq, isNotNull, sql } from "drizzle-orm";
import { decode } from "#protocol/types/codec.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import type { EpochProblem } from "../errors.ts";
import { applyReport, markProblem } from "../handlers/report.ts";
import type { IndexerLogger } from "../logger.ts";
import { readCursor } from "../store/cursor.ts";
import type { Database, Reader, Writer } from "../store/database.ts";
import { accountEpochs, accounts, deposits, epochs } from "../store/schema.ts";
import type { NodeClient } from "./node-client.ts";
import { checkReport, type EpochEvidence } from "./report.ts";

/** A report that failed is asked for again after this: the node may have been repaired. */
const RETRY_MS = 30_000;

export interface ReportChecker {
  step(signal: AbortSignal): Promise<"more" | "idle">;
}

type Outcome = "verified" | "waiting" | "problem";

/** Fetches and checks the reports of closed epochs, in order; an epoch that fails does not hold up the later ones. */
export function createReportChecker(options: {
  db: Database;
  write: Writer["write"];
  client: NodeClient;
  logger: IndexerLogger;
  /** Unix ms */
  now: () => number;
}): ReportChecker {
  const { db, write, client, logger, now } = options;
  const retryAt = new Map<number, number>();

  async function check(
    epoch: number,
    certificate: string,
    folded: boolean,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const { settlement } = decode(SettlementCertificate, fromHex(certificate));
    const { l2Block } = await readCursor(db);
    if (l2Block < settlement.l2Number) return "waiting";
    const bytes = await client.report(epoch, signal);
    if (!bytes) return "waiting";
    const result = checkReport(bytes, await readEvidence(db, settlement, folded));
    if ("problem" in result) {
      await write((tx) => markProblem(tx, epoch, result.problem));
      return refused(epoch, result.problem);
    }
    const code = await write((tx) => applyReport(tx, result.report));
    if (code === "ERR_SETTLEMENT_DIGEST") return refused(epoch, code);
    if (code) logger.error("deliveries_differ", { epoch, code });
    logger.info("epoch_verified", { epoch, digest: toHex(settlement.reportHash) });
    return "verified";
  }

  function refused(epoch: number, code: EpochProblem): "problem" {
    logger.error("epoch_not_verified", { epoch, code });
    return "problem";
  }

  async function step(signal: AbortSignal): Promise<"more" | "idle"> {
    const pending = await db
      .select({
        number: epochs.number,
        certificate: epochs.certificate,
        folded: epochs.folded,
        problem: epochs.problem,
      })
      .from(epochs)
      .where(and(eq(epochs.verified, false), isNotNull(epochs.certificate)))
      .orderBy(asc(epochs.number));
    let progress = false;
    for (const { number, certificate, folded, problem } of pending) {
      // no report helps an epoch that the L2 settled otherwise
      const hopeless = certificate === null || problem === "ERR_SETTLEMENT_DIGEST";
      if (hopeless || (retryAt.get(number) ?? 0) > now()) continue;
      const outcome = await check(number, certificate, folded, signal);
      if (outcome === "verified") progress = true;
      if (outcome === "problem") retryAt.set(number, now() + RETRY_MS);
    }
    return progress ? "more" : "idle";
  }

  return { step };
}

async function readEvidence(
  db: Database,
  settlement: SettlementCertificate["settlement"],
  folded: boolean,
): Promise<EpochEvidence> {
  const rows = await db.select().from(accountEpochs).where(eq(accountEpochs.epoch, settlement.epoch));
  return {
    settlement,
    folded,
    balances: new Map(rows.map(({ account, balance, depositsSeen }) => [account, { balance, depositsSeen }])),
    deposits: await readDeposits(db, settlement.l2Number),
  };
}

/**
 * Cumulative deposits of each account up to L2 block `last`: what it has by now, or had before its first deposit after that, of which there are
 * few beside all that ever were. As of one moment: more may come in meanwhile.
 */
export async function readDeposits(db: Reader, last: number): Promise<Map<string, bigint>> {
  const later = sql`SELECT DISTINCT ON (${deposits.account}) ${deposits.account} AS account, ${deposits.total} - ${deposits.amount} AS before
    FROM ${deposits} WHERE ${deposits.block} > ${last} ORDER BY ${deposits.account}, ${deposits.block}, ${deposits.logIndex}`;
  const { rows } = await db.execute<{ account: string; total: string }>(
    sql`SELECT ${accounts.address} AS account, coalesce(later.before, ${accounts.deposits}) AS total
      FROM ${accounts} LEFT JOIN (${later}) later ON later.account = ${accounts.address}
      WHERE coalesce(later.before, ${accounts.deposits}) > 0`,
  );
  return new Map(rows.map(({ account, total }) => [account, BigInt(total)]));
}
