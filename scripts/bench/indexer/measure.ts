import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type ProcessUsage, processUsage } from "../support/process-usage.ts";
import { type BenchChain, startChain } from "./chain.ts";
import { fillDatabase } from "./fill.ts";
import { startEmptyNode, startOurs } from "./ours.ts";
import { installPonder, runPonder } from "./ponder.ts";
import { measureQueries, type QueryFigures } from "./queries.ts";
import { compareRows } from "./rows.ts";

const LIMIT_MS = 900_000;
const REORG_DEPTH = 50;
const EVENTS_IN_REORG = 500;

export const DATABASES = ["postgres", "pglite"] as const;
type DatabaseName = (typeof DATABASES)[number];
type Each<T> = Partial<Record<DatabaseName, T>>;

export interface IndexerBenchOptions {
  events: number;
  databases: readonly DatabaseName[];
  /** of the database that is queried; 0: none is */
  rows: number;
  /** of each query */
  requests: number;
  /** folder of the peer's installation; undefined: a new one, "none": no peer */
  peer: string | undefined;
  /** flags of our process */
  flags: readonly string[];
}

interface Run {
  eventsPerS: number;
  seconds: number;
  /** of the process that indexes, and of the database server where it is another */
  cpuSeconds: number | null;
  databaseCpuSeconds: number | null;
  peakRssMB: number | null;
}

interface OurRun extends Run {
  /** from the start of a process that has everything until it says so */
  restartSeconds: number;
  /** from the end of a reorg of 50 blocks, once what replaced them is final, until it is in */
  reorgSeconds: number;
}

export interface IndexerFigures {
  events: number;
  makingTheChainSeconds: number;
  ours: Each<OurRun>;
  /** empty without a peer */
  peer: Each<Run>;
  /** events/s of ours over the peer's */
  timesThePeer: Each<number>;
  /** rows that were compared on PostgreSQL, all alike */
  equalRows: number | null;
  queries: { rows: number; each: Record<string, QueryFigures> } | null;
}

/** @throws ERR_BENCH_ANVIL, ERR_BENCH_MEMBER, ERR_BENCH_PEER, ERR_BENCH_ROWS */
export async function measure(options: IndexerBenchOptions): Promise<IndexerFigures> {
  const folder = await mkdtemp(join(tmpdir(), "flk-bench-indexer-"));
  const peer = options.peer === "none" ? undefined : (options.peer ?? join(folder, "peer"));
  if (peer !== undefined) await installPonder(peer);
  const postgres = await startPostgres();
  try {
    const indexing = await measureIndexing(options, { folder, peer, postgres });
    const queries = options.rows === 0 ? null : await measureApi(options, postgres);
    return { ...indexing, queries };
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Place {
  folder: string;
  peer: string | undefined;
  postgres: TestPostgres;
}

async function measureIndexing(options: IndexerBenchOptions, place: Place) {
  const { events, databases } = options;
  const start = performance.now();
  const chain = await startChain(events);
  const node = await startEmptyNode();
  const makingTheChainSeconds = seconds(performance.now() - start);
  const urls = { ours: await place.postgres.createDatabase(), peer: await place.postgres.createDatabase() };
  const ours: Each<OurRun> = {};
  const peer: Each<Run> = {};
  const timesThePeer: Each<number> = {};
  let equalRows: number | null = null;
  try {
    // the peer first: a reorg replaces blocks of the chain
    for (const database of databases) {
      if (place.peer === undefined) continue;
      const databaseUrl = database === "postgres" ? urls.peer : undefined;
      peer[database] = await measurePeer(events, chain, place, databaseUrl);
    }
    for (const database of databases) {
      const inPostgres = database === "postgres";
      const dataDir = join(place.folder, "ours");
      const storage = inPostgres ? { dataDir, databaseUrl: urls.ours } : { dataDir };
      const { run, finish } = await measureOurs(options, { chain, node }, place.postgres, storage);
      if (inPostgres && peer.postgres) equalRows = await compareRows(urls.ours, urls.peer);
      ours[database] = { ...run, ...(await finish()) };
      const theirs = peer[database];
      if (theirs) timesThePeer[database] = Number((run.eventsPerS / theirs.eventsPerS).toFixed(1));
    }
    return { events, makingTheChainSeconds, ours, peer, timesThePeer, equalRows };
  } finally {
    node.stop();
    await chain.stop();
  }
}

async function measurePeer(
  events: number,
  { rpcUrl }: BenchChain,
  { folder, peer = "", postgres }: Place,
  databaseUrl?: string,
): Promise<Run> {
  const app = await mkdtemp(join(folder, "app-"));
  return measured(postgres, events, databaseUrl !== undefined, () =>
    runPonder({ peer, app, rpcUrl, databaseUrl, limitMs: LIMIT_MS }),
  );
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(2));
}

async function measured(
  postgres: TestPostgres,
  events: number,
  usesPostgres: boolean,
  run: () => Promise<{ ms: number; usage: ProcessUsage | undefined }>,
): Promise<Run> {
  const before = await processUsage(postgres.pid());
  const { ms, usage } = await run();
  const after = await processUsage(postgres.pid());
  const database = before && after ? after.cpuSeconds - before.cpuSeconds : null;
  return {
    eventsPerS: Math.round((1000 * events) / ms),
    seconds: seconds(ms),
    cpuSeconds: usage?.cpuSeconds ?? null,
    databaseCpuSeconds: usesPostgres && database !== null ? Number(database.toFixed(2)) : null,
    peakRssMB: usage ? Math.round(usage.peakRssBytes / 2 ** 20) : null,
  };
}

async function measureOurs(
  { events, flags }: IndexerBenchOptions,
  { chain, node }: { chain: BenchChain; node: { url: string } },
  postgres: TestPostgres,
  { dataDir, databaseUrl }: { dataDir: string; databaseUrl?: string },
) {
  const task = { rpcUrl: chain.rpcUrl, nodeUrl: node.url, dataDir, databaseUrl };
  const final = await chain.finalize();
  const run = await measured(postgres, events, databaseUrl !== undefined, async () => {
    const indexer = await startOurs(task, flags);
    try {
      const ms = await indexer.reach(final, LIMIT_MS);
      return { ms, usage: await indexer.usage() };
    } finally {
      await indexer.stop();
    }
  });
  /** The same database again, and then blocks that go. */
  async function finish() {
    const again = await startOurs(task);
    try {
      const restartSeconds = seconds(await again.reach(final, LIMIT_MS));
      await chain.emit(EVENTS_IN_REORG, REORG_DEPTH);
      await chain.reorg(REORG_DEPTH);
      const target = await chain.finalize();
      const begun = performance.now();
      await again.reach(target, LIMIT_MS);
      return { restartSeconds, reorgSeconds: seconds(performance.now() - begun) };
    } finally {
      await again.stop();
    }
  }
  return { run, finish };
}

async function measureApi({ rows, requests }: IndexerBenchOptions, postgres: TestPostgres) {
  const databaseUrl = await postgres.createDatabase();
  await fillDatabase(databaseUrl, rows);
  const task = { rpcUrl: "http://127.0.0.1:9", nodeUrl: "http://127.0.0.1:9", dataDir: "", databaseUrl };
  const server = await startOurs({ ...task, replica: true });
  try {
    return { rows, each: await measureQueries(server.url, rows, requests) };
  } finally {
    await server.stop();
  }
}
