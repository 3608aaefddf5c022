import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createPublicClient, http } from "viem";
import { LogRange, refusalOf } from "#indexer/sync/log-range.ts";
import { TestChain } from "./support/chain.ts";
import { FakeL2 } from "./support/fake-l2.ts";
import { startFakeNode } from "./support/fake-node.ts";
import { type FakeRpc, RpcFailure, startFakeRpc } from "./support/fake-rpc.ts";
import { newStorage } from "./support/storage.ts";
import { caughtUp, indexerOf } from "./support/world.ts";

const TOO_LARGE: [string, string, number?][] = [
  ["geth, PublicNode", "exceed maximum block range: 50000", -32701],
  ["bor, erigon", "block range exceeds configured limit"],
  ["reth", "query exceeds max block range 100000", -32602],
  ["reth", "query exceeds max results 20000, retry with the range 24383075-24383096", -32602],
  ["Nethermind", "Too many logs requested. Max logs per response is 20000."],
  ["Besu", "Requested range exceeds maximum RPC range limit", -32005],
  ["Infura", "query returned more than 10000 results. Try with this block range [0x1, 0x2].", -32005],
  [
    "Alchemy",
    "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x0, 0x1f]",
    -32602,
  ],
  [
    "Alchemy",
    "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range.",
    -32600,
  ],
  ["QuickNode", "eth_getLogs is limited to a 10,000 range", -32614],
  ["Ankr", "block range is too wide", -32600],
  ["Base", "block range too large", -32602],
  ["Chainstack", "Block range limit exceeded. See more details at https://docs.example/limits"],
  ["dRPC", "ranges over 10000 blocks are not supported on freetier", 35],
  ["1RPC", "eth_getLogs is limited to 0 - 50 blocks range", -32602],
  ["Cloudflare", "Max range: 800", -32047],
  ["Arbitrum", "logs matched by query exceeds limit of 10000"],
  ["Avalanche", "requested too many blocks from 1 to 5000, maximum is set to 2048"],
  ["proxyd", "backend response too large", -32020],
];
const OTHERS: [string, string, number?][] = [
  ["Infura", "project ID request rate exceeded", -32005],
  ["Infura", "daily request count exceeded, request rate limited", -32005],
  ["QuickNode", "25/second request limit reached - reduce calls per second", -32007],
  ["Alchemy", "Your app has exceeded its compute units per second capacity.", 429],
  ["Ankr", "Too many requests", -32029],
];

describe("the range of log queries", () => {
  let rpc: FakeRpc;
  let failure: RpcFailure;
  before(async () => {
    rpc = await startFakeRpc(() => {
      throw failure;
    });
  });
  after(() => rpc.stop());

  /** What the library makes of it. */
  async function errorOf(message: string, how: { code?: number; status?: number } = {}): Promise<unknown> {
    failure = new RpcFailure(message, how);
    const client = createPublicClient({ transport: http(rpc.url, { retryCount: 0 }) });
    return client.getLogs({ fromBlock: 1n, toBlock: 1000n }).then(
      () => assert.fail("it was to be refused"),
      (error: unknown) => error,
    );
  }

  for (const [who, message, code] of TOO_LARGE)
    it(`is too large for ${who}: ${message.slice(0, 60)}`, async () => {
      assert.equal(refusalOf(await errorOf(message, { code: code ?? -32000 })), "size");
    });

  for (const [who, message, code] of OTHERS)
    it(`is not what ${who} minds: ${message}`, async () => {
      assert.equal(refusalOf(await errorOf(message, { code: code ?? -32000 })), "other");
    });

  it("is known by the status of HTTP, too, and by nothing else of what a gateway says", async () => {
    assert.equal(refusalOf(await errorOf("Request Entity Too Large", { status: 413 })), "size");
    for (const status of [429, 500, 502, 503])
      assert.equal(refusalOf(await errorOf("come back later", { status })), "other", String(status));
    assert.equal(refusalOf(await errorOf("block range extends beyond current head block")), "unknown");
  });

  it("is halved for a size, at once; once per round for words that nobody knows; and grows again", async () => {
    const range = new LogRange();
    const size = await errorOf("block range too large");
    const refused = [size, size, await errorOf("no"), await errorOf("", { status: 429 })];
    assert.deepEqual(
      refused.map((error) => [range.refused(error), range.blocks]),
      [
        [true, 62],
        [true, 31],
        [false, 15],
        [false, 15],
      ],
    );
    range.answered(14, 0);
    const grown = Array.from({ length: 10 }, () => {
      range.answered(range.blocks, 0);
      return range.blocks;
    });
    assert.deepEqual(grown, [15, 15, 15, 15, 15, 15, 15, 15, 30, 60]);
    for (let i = 0; i < 20; i++) range.answered(range.blocks, 0);
    assert.equal(range.blocks, 10_000);
    for (let i = 0; i < 20; i++) range.refused(size);
    assert.deepEqual([range.refused(size), range.blocks], [false, 1]);
  });

  it("is halved after an answer of many logs, and stays while there are enough", () => {
    const range = new LogRange();
    const after = (asked: number, logs: number) => {
      range.answered(asked, logs);
      return range.blocks;
    };
    assert.equal(after(125, 14_001), 62);
    assert.equal(after(62, 14_000), 62);
    assert.equal(after(62, 7_001), 62);
    assert.equal(after(62, 7_000), 124);
    assert.equal(after(1, 14_001), 1);
  });
});

describe("an indexer that catches up with 3,000 L2 blocks", () => {
  type Filter = { fromBlock: string; toBlock: string };
  const spans = (rpc: FakeRpc) =>
    ((rpc.calls.get("eth_getLogs") ?? []) as Filter[])
      .filter(({ toBlock }) => toBlock !== "latest")
      .map(({ fromBlock, toBlock }) => Number(toBlock) - Number(fromBlock) + 1);

  /** Log queries of each of two URLs; the first answers as `refuse` says. */
  async function follow(refuse: (blocks: number) => void): Promise<[number[], number[]]> {
    const l2 = new FakeL2();
    const chain = new TestChain(l2);
    l2.head = l2.finalized = 3_000;
    const first = await startFakeRpc((method, params) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as Filter;
      if (method === "eth_getLogs" && toBlock !== "latest") refuse(Number(toBlock) - Number(fromBlock) + 1);
      return l2.answer(method, params);
    });
    const second = await l2.serve();
    const nodeRpc = await startFakeNode(() => chain);
    const rpcUrls = [first.url, second.url];
    const indexer = indexerOf(first.url, nodeRpc.url, [], { ...(await newStorage()), rpcUrls });
    try {
      await indexer.start();
      await caughtUp({ indexer, l2, chain });
      return [spans(first), spans(second)];
    } finally {
      await indexer.stop();
      for (const rpc of [first, second, nodeRpc]) await rpc.stop();
    }
  }

  it("asks a provider at its limit no more often, and the next for the whole range", async () => {
    const [first, second] = await follow(() => {
      throw new RpcFailure("come back later", { status: 429 });
    });
    // the library asks twice
    assert.deepEqual(first, [125, 125]);
    assert.deepEqual(second, [125, 250, 500, 1_000, 1_125]);
  });

  it("finds the range that a provider takes, and seldom asks for more", async () => {
    const [first, second] = await follow((blocks) => {
      if (blocks > 100) throw new RpcFailure("eth_getLogs is limited to a 100 range", { code: -32614 });
    });
    assert.deepEqual(first.slice(0, 3), [125, 62, 62]);
    assert.ok(first.filter((blocks) => blocks > 100).length < 2 + 3_000 / 62 / 8, `${first}`);
    assert.deepEqual(second, []);
  });
});
