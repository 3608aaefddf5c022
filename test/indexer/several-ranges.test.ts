import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { L2Block, L2Client } from "#indexer/sync/l2-client.ts";
import type { KnownLog } from "#indexer/sync/l2-logs.ts";
import { type Range, ReadAhead } from "#indexer/sync/read-ahead.ts";
import type { Hex } from "#protocol/types/hex.ts";

const MOST = 10;
const final: L2Block = { number: 99, hash: "0x99" };

describe("ranges of logs that are read ahead", () => {
  /** hash of each block, as the provider has it now */
  let hashes: Map<number, Hex>;
  let begun: number[];
  let ahead: ReadAhead;
  /** of the range that begins with a block; ten blocks with four logs unless told */
  let answers: Map<number, () => Promise<Range>>;

  const hashOf = (number: number) => hashes.get(number) ?? (`0x${number}` as Hex);
  const client = (url = "a") => ({ url, hash: async (number: number) => hashOf(number) }) as L2Client;
  const range = (from: number, logs = 4): Range => ({
    known: Array.from({ length: logs }, () => ({}) as KnownLog),
    last: { number: from + 9, hash: hashOf(from + 9) },
  });
  const starts = (ranges: readonly Range[]) => ranges.map(({ last }) => last.number - 9);
  const turns = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    hashes = new Map();
    begun = [];
    answers = new Map();
    ahead = new ReadAhead(async (_, from) => {
      begun.push(from);
      return (await answers.get(from)?.()) ?? range(from);
    }, MOST);
  });

  it("come as many at once as were read, up to the most logs", async () => {
    assert.deepEqual(starts(await ahead.take(client(), 0, final)), [0]);
    await turns();
    assert.deepEqual(starts(await ahead.take(client(), 10, final)), [10, 20]);
    await turns();
    assert.deepEqual(starts(await ahead.take(client(), 30, final)), [30, 40]);
  });

  it("come alone when one has more than the most", async () => {
    for (const from of [0, 10, 20]) answers.set(from, async () => range(from, MOST + 1));
    for (const from of [0, 10, 20]) {
      assert.deepEqual(starts(await ahead.take(client(), from, final)), [from]);
      await turns();
    }
  });

  it("are not read on while the most are kept, nor behind the final block", async () => {
    await ahead.take(client(), 0, final);
    await turns();
    assert.deepEqual(begun, [0, 10, 20, 30]);
    for (let from = 10; from <= final.number; ) {
      from = ((await ahead.take(client(), from, final)).at(-1)?.last.number as number) + 1;
      await turns();
    }
    assert.deepEqual(begun, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it("are all read again when the provider has another block at the end of one", async () => {
    await ahead.take(client(), 0, final);
    await turns();
    hashes.set(29, "0xff");
    const ranges = await ahead.take(client(), 10, final);
    assert.deepEqual(starts(ranges), [10]);
    await turns();
    assert.deepEqual((await ahead.take(client(), 20, final))[0]?.last, { number: 29, hash: "0xff" });
  });

  it("are read anew for another provider, or from another block", async () => {
    await ahead.take(client(), 0, final);
    await turns();
    begun = [];
    await ahead.take(client("b"), 10, final);
    assert.equal(begun[0], 10);
    await turns();
    begun = [];
    await ahead.take(client("b"), 10, final);
    assert.equal(begun[0], 10);
  });

  it("that fail do so after those before them were given, and are read again", async () => {
    let failing = true;
    answers.set(20, async () => {
      if (failing) throw new Error("cut");
      return range(20);
    });
    await ahead.take(client(), 0, final);
    await turns();
    assert.deepEqual(starts(await ahead.take(client(), 10, final)), [10]);
    await assert.rejects(ahead.take(client(), 20, final), /cut/);
    failing = false;
    assert.deepEqual(starts(await ahead.take(client(), 20, final)), [20]);
  });
});
