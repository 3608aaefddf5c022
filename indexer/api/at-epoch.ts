import { and, eq, getTableColumns, lte, max, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { zeroAddress } from "viem";
import { bandwidthOf } from "../store/bandwidth.ts";
import { readCursor } from "../store/cursor.ts";
import type { Reader } from "../store/database.ts";
import {
  accountEpochs,
  accountPayees,
  accounts,
  bids,
  claims,
  contractEvents,
  deposits,
  epochs,
  escapes,
  lots,
  nodeEpochs,
  nodeHistory,
  nodes,
  parameterChanges,
  parameters,
  serviceHistory,
  services,
  settlementEvents,
  settlements,
  slashes,
  stakeLocks,
  stakes,
} from "../store/schema.ts";
import { readClosingView, readOpeningView, readPricesAt } from "../store/views.ts";
import { queryError } from "./errors.ts";

/** L2 view at the close of an epoch. @throws ERR_QUERY_ARGUMENT unless it has closed and the L2 is in up to there */
async function closingView(db: Reader, epoch: number): Promise<number> {
  const view = await readClosingView(db, epoch);
  return indexedView(db, view, `epoch ${epoch} has not closed, or is not indexed yet`);
}

/** L2 view whose prices and parameters are in force in an epoch. @throws ERR_QUERY_ARGUMENT unless it has begun */
async function openingView(db: Reader, epoch: number): Promise<number> {
  const view = await readOpeningView(db, epoch);
  return indexedView(db, view, `epoch ${epoch} has not begun, or is not indexed yet`);
}

async function indexedView(db: Reader, view: number | undefined, problem: string): Promise<number> {
  const { l2Block } = await readCursor(db);
  if (view === undefined || l2Block < view) throw queryError("ERR_QUERY_ARGUMENT", problem);
  return view;
}

/** The newest row by (block, logIndex) of those up to `view`. */
const newest = (view: number): SQL =>
  sql`AND h."block" <= ${view}::bigint ORDER BY h."block" DESC, h."logIndex" DESC LIMIT 1`;

/** The newest final epoch whose settlement was active in an L2 view; undefined when none was. */
async function activeEpoch(db: Reader, view: number): Promise<number | undefined> {
  const [row] = await db
    .select({ number: max(epochs.number) })
    .from(epochs)
    .innerJoin(settlements, eq(settlements.epoch, epochs.number))
    .where(and(epochs.final, lte(settlements.activatedBlock, view)));
  return row?.number ?? undefined;
}

/**
 * Stands for the table `accounts`: who had anything at the close of `epoch`, or was owed it by what was active on the L2 then.
 * `roles` are those of now.
 */
export async function accountsAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  const settled = (await activeEpoch(db, view)) ?? -1;
  return sql`(
    SELECT k."account" AS "address", coalesce(a."roles", 0) AS "roles",
      coalesce((SELECT h."total" FROM ${deposits} h WHERE h."account" = k."account" ${newest(view)}), 0) AS "deposits",
      coalesce(e."balance", 0) AS "balance", coalesce(e."depositsSeen", 0) AS "depositsSeen",
      s."epoch" AS "settledEpoch", coalesce(s."balance", 0) AS "settledBalance", coalesce(s."depositsSeen", 0) AS "settledDeposits",
      coalesce(s."payoutStable", 0) AS "payoutStable", coalesce(s."payoutFlk", 0) AS "payoutFlk",
      coalesce(c."cumulativeStable", 0) AS "claimedStable", coalesce(c."cumulativeFlk", 0) AS "claimedFlk",
      (SELECT nullif(h."payee", h."account") FROM ${accountPayees} h WHERE h."account" = k."account" ${newest(view)}) AS "payee",
      coalesce((SELECT sum(h."amount") FROM ${escapes} h WHERE h."account" = k."account" AND h."block" <= ${view}::bigint), 0) AS "escaped"
    FROM (SELECT DISTINCT x."account" FROM ${accountEpochs} x WHERE x."epoch" IN (${epoch}::integer, ${settled}::integer)) k
    LEFT JOIN ${accountEpochs} e ON e."epoch" = ${epoch}::integer AND e."account" = k."account"
    LEFT JOIN ${accountEpochs} s ON s."epoch" = ${settled}::integer AND s."account" = k."account"
    LEFT JOIN ${accounts} a ON a."address" = k."account"
    LEFT JOIN LATERAL (SELECT h."cumulativeStable", h."cumulativeFlk" FROM ${claims} h
      WHERE h."account" = k."account" ${newest(view)}) c ON true
  ) AS ${accounts}`;
}

/** Of a history `x`, whose rows have null where a block changed nothing: the newest value of each column. */
function lastOf(columns: string[]): SQL {
  const values = columns.map((column) => {
    const name = sql.identifier(column);
    return sql`(array_agg(x.${name} ORDER BY x."block" DESC) FILTER (WHERE x.${name} IS NOT NULL))[1] AS ${name}`;
  });
  return sql.join(values, sql`, `);
}

/** Columns of `node_history` that `nodes` has, too. */
const KEPT = [
  "keyVersion",
  "consensusKey",
  "keyFromEpoch",
  "networkKey",
  "endpoints",
  "stake",
  "thawing",
  "optedIn",
  "payee",
  "lockedUntil",
] as const satisfies (keyof typeof nodeHistory.$inferSelect)[];

/** Stands for the table `nodes`: as the L2 had them at the close of `epoch`. */
export async function nodesAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  const columns = lastOf([...KEPT, "operator"]);
  const kept = sql.join(
    KEPT.map((column) => sql`h.${sql.identifier(column)}`),
    sql`, `,
  );
  return sql`(
    SELECT n."id", n."owner", ${kept}, nullif(h."operator", ${zeroAddress}) AS "operator",
      coalesce((SELECT sum(l."amount") FROM ${slashes} l WHERE l."node" = n."id" AND l."block" <= ${view}::bigint), 0) AS "slashed",
      r."reputation", r."epoch" AS "reputationEpoch", coalesce(r."reputation", -1) AS "orderedReputation",
      ${bandwidthOf(sql`n."id"`, sql`${epoch}::integer`)} AS "units",
      coalesce(r."rewardStable", 0) AS "rewardStable", coalesce(r."rewardFlk", 0) AS "rewardFlk"
    FROM ${nodes} n
    JOIN LATERAL (SELECT ${columns} FROM ${nodeHistory} x WHERE x."node" = n."id" AND x."block" <= ${view}::bigint) h
      ON h."keyVersion" IS NOT NULL
    LEFT JOIN ${nodeEpochs} r ON r."node" = n."id" AND r."epoch" = ${epoch}::integer
  ) AS ${nodes}`;
}

/** Stands for the table `stakes`: of each node, the one in force at the close of `epoch`. */
export async function stakesAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  return sql`(
    SELECT DISTINCT ON (h."node") h.* FROM ${stakes} h WHERE h."block" <= ${view}::bigint
    ORDER BY h."node", h."block" DESC, h."logIndex" DESC
  ) AS ${stakes}`;
}

/** Stands for the table `parameters`: those in force in `epoch`. */
export async function parametersAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await openingView(db, epoch);
  return sql`(
    SELECT DISTINCT ON (h."key") h."key", h."value" FROM ${parameterChanges} h WHERE h."block" <= ${view}::bigint
    ORDER BY h."key", h."block" DESC, h."logIndex" DESC
  ) AS ${parameters}`;
}

/** `from` stands for the table `services`, as `epoch` opened; `prices`: in force in it, by service. */
export async function servicesAt(
  db: Reader,
  epoch: number,
): Promise<{ from: SQL; prices: Map<number, Awaited<ReturnType<typeof readPricesAt>>> }> {
  const view = await openingView(db, epoch);
  const from = sql`(
    SELECT n."id", h."owner", h."metadataUri" FROM ${services} n
    JOIN LATERAL (
      SELECT ${lastOf(["owner", "metadataUri"])} FROM ${serviceHistory} x WHERE x."service" = n."id" AND x."block" <= ${view}::bigint
    ) h ON h."owner" IS NOT NULL
  ) AS ${services}`;
  return { from, prices: Map.groupBy(await readPricesAt(db, view), ({ service }) => service) };
}

/** The columns of a table that `row` names, but those that were others at the time. */
function columnsOf(table: PgTable, row: string, then: Readonly<Record<string, SQL>>): SQL {
  const columns = Object.values(getTableColumns(table)).map(({ name }) => {
    const column = sql.identifier(name);
    return sql`${then[name] ?? sql`${sql.identifier(row)}.${column}`} AS ${column}`;
  });
  return sql.join(columns, sql`, `);
}

/** Columns that are null until the L2 block in `since`, as of a view. */
function onceSince(row: string, since: string, columns: string[], view: number): Record<string, SQL> {
  const name = sql.identifier(row);
  const happened = sql`${name}.${sql.identifier(since)} <= ${view}::bigint`;
  return Object.fromEntries(
    columns.map((column) => [column, sql`CASE WHEN ${happened} THEN ${name}.${sql.identifier(column)} END`]),
  );
}

/** Stands for the table `stake_locks`: of each node, the newest made by the close of `epoch`, be it over or not. */
export async function stakeLocksAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  return sql`(
    SELECT DISTINCT ON (h."node") h.* FROM ${stakeLocks} h WHERE h."block" <= ${view}::bigint
    ORDER BY h."node", h."block" DESC, h."logIndex" DESC
  ) AS ${stakeLocks}`;
}

/** Stands for the table `settlements`: as the L2 had them at the close of `epoch`. */
export async function settlementsAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  const columns = columnsOf(settlements, "s", {
    ...onceSince("s", "activatedBlock", ["activatedBlock", "activatedTx", "flkMinted"], view),
    // what is voided keeps what held it
    holds: sql`coalesce((
      SELECT h."holds" FROM ${settlementEvents} h WHERE h."epoch" = s."epoch" AND h."kind" <> 'VOIDED' ${newest(view)}
    ), 0)`,
    voided: sql`EXISTS (
      SELECT 1 FROM ${settlementEvents} h WHERE h."epoch" = s."epoch" AND h."kind" = 'VOIDED' AND h."block" <= ${view}::bigint
    )`,
  });
  return sql`(SELECT ${columns} FROM ${settlements} s WHERE s."block" <= ${view}::bigint) AS ${settlements}`;
}

/** Stands for the table `lots`: as the auction had them at the close of `epoch`. */
export async function lotsAt(db: Reader, epoch: number): Promise<SQL> {
  const view = await closingView(db, epoch);
  const closed = sql`coalesce(l."closedBlock" <= ${view}::bigint, false)`;
  const sumOf = (column: "stable" | "flk") =>
    sql`coalesce((SELECT sum(b.${sql.identifier(column)}) FROM ${bids} b WHERE b."lot" = l."id" AND b."block" <= ${view}::bigint), 0)`;
  const columns = columnsOf(lots, "l", {
    ...onceSince("l", "closedBlock", ["closedBlock", "rolled", "counted"], view),
    closed,
    sold: sql`CASE WHEN ${closed} THEN l."sold" ELSE ${sumOf("stable")} END`,
    burned: sql`CASE WHEN ${closed} THEN l."burned" ELSE ${sumOf("flk")} END`,
    opensAt: sql`coalesce((m."args" ->> 'opensAt')::bigint, l."time" / 1000)`,
    closesAt: sql`(coalesce(m."args", o."args") ->> 'closesAt')::bigint`,
  });
  return sql`(
    SELECT ${columns} FROM ${lots} l
    JOIN LATERAL (
      SELECT h."args"::json AS "args" FROM ${contractEvents} h WHERE h."block" = l."block" AND h."logIndex" = l."logIndex"
    ) o ON true
    LEFT JOIN LATERAL (
      SELECT h."args"::json AS "args" FROM ${contractEvents} h
      WHERE h."name" = 'LotMoved' AND CASE WHEN h."name" = 'LotMoved' THEN h."args"::json ->> 'lotId' END = l."id"::text ${newest(view)}
    ) m ON true
    WHERE l."block" <= ${view}::bigint
  ) AS ${lots}`;
}
