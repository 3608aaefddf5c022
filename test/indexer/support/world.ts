import { setTimeout as delay } from "node:timers/promises";
import { createIndexer, type Indexer, type IndexerOptions } from "#indexer/indexer.ts";
import { TestChain } from "./chain.ts";
import { CHAIN_ID, CONTRACTS, FakeL2 } from "./fake-l2.ts";
import { type Lies, startFakeNode } from "./fake-node.ts";
import type { FakeRpc } from "./fake-rpc.ts";
import { newStorage, type Storage } from "./storage.ts";

export interface World {
  l2: FakeL2;
  l2Rpc: FakeRpc;
  chain: TestChain;
  nodeRpc: FakeRpc;
  indexer: Indexer;
  logged: { event: string; code?: unknown; epoch?: unknown }[];
  stop(): Promise<void>;
}

/** An L2, a node that lies as told, and an indexer that follows both. */
export async function startWorld(lies: Lies = {}, options: Partial<IndexerOptions> = {}): Promise<World> {
  const l2 = new FakeL2();
  const l2Rpc = await l2.serve();
  const chain = new TestChain(l2);
  const nodeRpc = await startFakeNode(() => chain, lies);
  const logged: World["logged"] = [];
  const storage = options.databaseUrl === undefined ? await newStorage() : { dataDir: "memory://" };
  const indexer = indexerOf(l2Rpc.url, nodeRpc.url, logged, { ...storage, ...options });
  await indexer.start();
  return {
    l2,
    l2Rpc,
    chain,
    nodeRpc,
    indexer,
    logged,
    async stop() {
      await indexer.stop();
      await l2Rpc.stop();
      await nodeRpc.stop();
    },
  };
}

export function indexerOf(
  rpcUrl: string,
  nodeRpcUrl: string,
  logged: World["logged"],
  options: Partial<IndexerOptions> & Storage,
): Indexer {
  const log = (event: string, fields: object = {}) => void logged.push({ event, ...fields });
  return createIndexer({
    rpcUrls: [rpcUrl],
    chainId: CHAIN_ID,
    contracts: CONTRACTS,
    deployBlock: 1,
    nodeRpcUrl,
    port: 0,
    host: "127.0.0.1",
    logger: { debug: log, info: log, warn: log, error: log },
    pollMs: 20,
    ...options,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: answers are as free as queries are
export type Answer = { data?: any; errors?: { message: string; extensions: { code: string } }[] };

export async function ask(
  { url }: Pick<Indexer, "url">,
  query: string,
  variables: object = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

/** The data of a query that must not fail. */
export async function get(indexer: Indexer, query: string, variables: object = {}): Promise<Answer["data"]> {
  const { data, errors } = await ask(indexer, query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

interface Ready {
  ready: boolean;
  reasons: string[];
  lag: number | null;
  l2Lag: number | null;
}

export async function ready({ url }: Pick<Indexer, "url">): Promise<Ready & { status: number }> {
  const response = await fetch(url.replace("/graphql", "/ready"));
  return { status: response.status, ...((await response.json()) as Ready) };
}

/** Repeats `check` until it holds. */
export async function until(
  what: string | (() => string),
  check: () => Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > end)
      throw new Error(`waited ${limitMs} ms in vain until ${typeof what === "string" ? what : what()}`);
    await delay(20);
  }
}

/** Until all that both sources have is in. */
export async function caughtUp({
  indexer,
  l2,
  chain,
}: Pick<World, "indexer" | "l2" | "chain">): Promise<void> {
  let seen: unknown;
  const what = () =>
    `the indexer has caught up: ${JSON.stringify({ seen, l2: l2.finalized, height: chain.blocks.length - 1 })}`;
  await until(what, async () => {
    const { _meta } = await get(indexer, "{ _meta { l2Block height epoch ready reasons } }");
    seen = _meta;
    return (
      _meta.ready &&
      _meta.l2Block === l2.finalized &&
      _meta.height === chain.blocks.length - 1 &&
      _meta.epoch === chain.epoch
    );
  });
}
