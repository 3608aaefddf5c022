import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelMux } from "#node/chain/channel-mux.ts";
import { SyncFetcher } from "#node/chain/sync/fetch.ts";
import { Follower, type FollowerChain } from "#node/chain/sync/follower.ts";
import { SyncPeers } from "#node/chain/sync/peers.ts";
import { BlocksRequest, BlocksResponse, Head, SYNC_TAG } from "#node/chain/sync/wire.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { silentLogger } from "#test/node/support/recording.ts";

const BLOCKS = 6_000;

/** How a peer answers. */
interface Manner {
  headMs: number;
  blocksMs: number;
  /** blocks in an answer */
  gives: number;
  /** tells after each block that it has one more, and no other */
  hides?: boolean;
}

const HONEST: Manner = { headMs: 40, blocksMs: 100, gives: 50 };

/** Catches up with peers that answer so, on a clock that only they move. A block is as large as lets 50 fit into an answer. */
async function catchUp(manners: readonly Manner[]) {
  let now = 0;
  let height = 0;
  let connected: number[] = [];
  const asked = manners.map(() => 0);
  const certified = CertifiedBlock.defaultValue();
  certified.block.input.transactions = [new Uint8Array(9_500)];
  const bytes = CertifiedBlock.serialize(certified);
  const request: ChannelMux["request"] = async (to, tag, body) => {
    const { headMs, blocksMs, gives } = manners[to] ?? assert.fail();
    now += tag === SYNC_TAG.head ? headMs : blocksMs;
    if (tag === SYNC_TAG.head) return Head.serialize({ certified: BLOCKS, settled: 0 });
    asked[to] = (asked[to] ?? 0) + 1;
    const left = BLOCKS - BlocksRequest.deserialize(body).height;
    return BlocksResponse.serialize({ total: 0, blocks: new Array(Math.min(left, gives)).fill(bytes) });
  };
  const chain: FollowerChain = {
    connected: () => connected,
    wanted: () => ({
      settlement: undefined,
      certificate: undefined,
      block: height < BLOCKS ? height : undefined,
    }),
    importBlock: async () => {
      height++;
      for (const [peer, { hides }] of manners.entries()) {
        if (hides) peers.note(peer, { certified: height + 1, settled: 0 });
      }
    },
    importCertificate: () => assert.fail(),
    importSettlement: () => assert.fail(),
    rejected: (error) => assert.fail(String(error)),
  };
  const peers = new SyncPeers({ self: 1, elapsed: () => now, reputation: () => 50 });
  const mux = { request } as Partial<ChannelMux> as ChannelMux;
  const follower = new Follower(
    chain,
    new SyncFetcher(mux, new AbortController().signal, peers),
    peers,
    silentLogger,
  );
  for (const peer of manners.keys()) {
    connected = [peer];
    await follower.poll(() => undefined);
  }
  connected = [...manners.keys()];
  const start = now;
  await follower.round();
  assert.equal(height, BLOCKS);
  return { perSecond: (BLOCKS * 1_000) / (now - start), asked };
}

/** Blocks per second of those that are asked in turn. */
function inTurn(manners: readonly Manner[]): number {
  const sum = (of: (manner: Manner) => number) => manners.reduce((total, manner) => total + of(manner), 0);
  return (sum(({ gives }) => gives) * 1_000) / sum(({ blocksMs }) => blocksMs);
}

const MINIMAL: [string, Manner][] = [
  ["one block", { headMs: 40, blocksMs: 40, gives: 1 }],
  ["one block, and is the nearest", { headMs: 1, blocksMs: 40, gives: 1 }],
  ["some blocks, and is the nearest", { headMs: 1, blocksMs: 40, gives: 10 }],
  ["one block, is the nearest and tells of no more", { headMs: 1, blocksMs: 40, gives: 1, hides: true }],
  ["all, but late, and tells its head at once", { headMs: 1, blocksMs: 1_000, gives: 50 }],
];

for (const [what, minimal] of MINIMAL) {
  test(`REP-SOURCE: a peer that gives ${what}, does not gain by it`, async () => {
    const manners = [HONEST, HONEST, HONEST, minimal];
    const { perSecond, asked } = await catchUp(manners);
    const least = inTurn(manners);
    assert.ok(perSecond >= least, `${perSecond} blocks/s, in turn ${least}; asked ${asked}`);
    const [first = 0, , , last = 0] = asked;
    assert.ok(last < first, `asked ${asked}`);
  });
}

test("REP-SOURCE: who gives full answers sooner is asked more, and the others now and then", async () => {
  const manners = [HONEST, HONEST, HONEST, { headMs: 10, blocksMs: 30, gives: 50 }];
  const { perSecond, asked } = await catchUp(manners);
  assert.ok(perSecond > inTurn(manners), `${perSecond} blocks/s`);
  const [first = 0, second = 0, third = 0, nearest = 0] = asked;
  assert.ok(nearest > 2 * Math.max(first, second, third), `asked ${asked}`);
  assert.ok(Math.min(first, second, third) > 0, `asked ${asked}`);
});

test("REP-SOURCE: an answer without a block leaves no measure that can never be made up for", () => {
  const peers = new SyncPeers({ self: 1, elapsed: () => 0, reputation: () => 50 });
  const nodes = [1, 2];
  for (const node of nodes) peers.note(node, { certified: BLOCKS, settled: 0 });
  peers.gave(1, { missing: BLOCKS, blocks: 0, bytes: 0, ms: 40 });
  const first = Array.from({ length: 100 }, () => peers.having(nodes, () => true, 0)[0]);
  assert.ok(first.filter((node) => node === 1).length > 25);
});
