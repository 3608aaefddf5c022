import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { readCursor } from "#indexer/store/cursor.ts";
import type { Store, Writer } from "#indexer/store/database.ts";
import { cursors, deposits, TABLES } from "#indexer/store/schema.ts";
import { createL2Follower, type L2Follower } from "#indexer/sync/l2.ts";
import { createL2Providers } from "#indexer/sync/l2-client.ts";
import { OTHER } from "./support/chain.ts";
import { CHAIN_ID, CONTRACTS, FakeL2 } from "./support/fake-l2.ts";
import { type FakeRpc, startFakeRpc } from "./support/fake-rpc.ts";
import { SILENT } from "./support/silent.ts";
import { openStore } from "./support/storage.ts";

const HEAD = 2_000;
/** Of blocks with a deposit each: of the first range, of the one that is read ahead of it, and of later ones. */
const BLOCKS = [50, 200, 300, 700, 1_500];

function chainOf(amount: bigint, salt: number): FakeL2 {
  const l2 = new FakeL2();
  l2.salt = salt;
  for (const block of BLOCKS) {
    l2.head = block - 1;
    l2.emit("vault", "Deposited", { account: OTHER, from: OTHER, amount, total: amount });
  }
  l2.head = l2.finalized = HEAD;
  return l2;
}

describe("a range of logs that is read while the one before it is written", () => {
  const signal = new AbortController().signal;
  const [l2, other] = [chainOf(1n, 0), chainOf(666n, 7)];
  const rpcs: FakeRpc[] = [];
  let store: Store;
  let writer: Writer;
  let follower: L2Follower;
  /** of each URL: which chain it is on for what is asked of blocks above 124 */
  let served: FakeL2[];
  /** in place of the next write, once */
  let atWrite: ((write: () => Promise<void>) => Promise<void>) | undefined;

  before(async () => {
    store = await openStore("ahead");
    writer = await store.claim(signal, () => undefined);
    for (const at of [0, 1])
      rpcs.push(
        await startFakeRpc((method, [asked, ...rest]) => {
          const block = Number(method === "eth_getLogs" ? (asked as { fromBlock: string }).fromBlock : asked);
          return (block > 124 ? (served[at] as FakeL2) : l2).answer(method, [asked, ...rest]);
        }),
      );
  });
  after(async () => {
    await writer.release();
    await store.close();
    for (const rpc of rpcs) await rpc.stop();
  });
  beforeEach(async () => {
    for (const rpc of rpcs) rpc.down = false;
    served = [l2, l2];
    atWrite = undefined;
    for (const table of TABLES) if (table !== cursors) await store.db.delete(table);
    await store.db.update(cursors).set({ l2Block: -1, l2Hash: null });
    follower = createL2Follower({
      db: store.db,
      write: async (fn) => {
        const instead = atWrite;
        atWrite = undefined;
        if (!instead) return writer.write(fn);
        let written: unknown = [];
        await instead(async () => {
          written = await writer.write(fn);
        });
        return written as Awaited<ReturnType<typeof fn>>;
      },
      complete: store.complete,
      logger: SILENT,
      logsPerWrite: store.logsPerWrite,
      providers: createL2Providers(
        rpcs.map(({ url }) => url),
        CHAIN_ID,
        signal,
      ),
      contracts: CONTRACTS,
      deployBlock: 0,
    });
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  /** The last header of a range is asked for after its logs. */
  async function headerAsked({ calls }: FakeRpc): Promise<void> {
    const headers = () => calls.get("eth_getBlockByNumber")?.length;
    const before = headers();
    while (headers() === before) await turn();
  }

  async function follow(): Promise<void> {
    while ((await follower.step(signal)) === "more");
  }

  async function assertWhole(): Promise<void> {
    const rows = await store.db.select().from(deposits).orderBy(deposits.block);
    assert.deepEqual(
      rows.map(({ block, amount }) => [block, amount]),
      BLOCKS.map((block) => [block, 1n]),
    );
    assert.equal((await readCursor(store.db)).l2Block, HEAD);
  }

  it("is not written when the L2 was another chain meanwhile", async () => {
    atWrite = async (write) => {
      served = [other, other];
      await headerAsked(rpcs[0] as FakeRpc);
      served = [l2, l2];
      await write();
    };
    await follow();
    await assertWhole();
  });

  it("is read again when it failed, and none is skipped", async () => {
    atWrite = async (write) => {
      const [first] = rpcs as [FakeRpc, FakeRpc];
      let failed = false;
      first.disturb = (method) => {
        if (method !== "eth_getLogs") return undefined;
        failed = true;
        return "error";
      };
      while (!failed) await turn();
      delete first.disturb;
      await write();
    };
    await follow();
    await assertWhole();
  });

  it("does not count when the write before it failed", async () => {
    atWrite = () => Promise.reject(new Error("the disk is full"));
    await assert.rejects(follow(), /the disk is full/);
    assert.equal((await readCursor(store.db)).l2Block, -1);
    await follow();
    await assertWhole();
  });

  it("does not count in a round with another URL", async () => {
    const [first, second] = rpcs as [FakeRpc, FakeRpc];
    const asked = second.calls.get("eth_getLogs")?.length ?? 0;
    atWrite = async (write) => {
      await headerAsked(first);
      first.down = true;
      await write();
    };
    assert.equal(await follower.step(signal), "more");
    await follower.step(signal);
    const filter = second.calls.get("eth_getLogs")?.[asked] as { fromBlock: string };
    assert.equal(Number(filter.fromBlock), 125);
    await follow();
    await assertWhole();
  });
});
