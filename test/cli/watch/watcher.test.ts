import assert from "node:assert/strict";
import { test } from "node:test";
import type { Posted } from "#cli/watch/posted.ts";
import { type WatchEvent, Watcher } from "#cli/watch/watcher.ts";
import type { Hex } from "#protocol/types/hex.ts";

const hash = (byte: string): Hex => `0x${byte.repeat(32)}`;
const POSTED: Posted = {
  epoch: 3,
  digest: hash("01"),
  settlement: {} as never,
  postedAt: 100,
  activatesAt: 200,
};

/** The answers of one veto after the other; throws those that are errors. */
function watcherWith(answers: ({ txHash: Hex } | "held" | undefined | Error)[]) {
  const events: WatchEvent[] = [];
  const queue = { now: 110, firstPending: 3, nextEpoch: 4 };
  let asked = 0;
  const watcher = new Watcher({
    posted: { read: async () => [POSTED], queue: async () => queue },
    computed: async () => undefined,
    leftAt: () => 3,
    marginSeconds: 10,
    async veto() {
      assert.ok(asked < answers.length, "no further veto");
      const answer = answers[asked++];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    report: (event) => events.push(event),
  });
  return { watcher, queue, asked: () => asked, sent: () => events.slice(1).map(({ event }) => event) };
}

test("vetoes again while an RPC does not show the settlement, and ends only when the L2 is read to hold it", async () => {
  const lost = { txHash: hash("02") };
  const { watcher, asked, sent } = watcherWith([undefined, lost, undefined, lost, "held"]);
  for (let look = 1; look <= 5; look++) {
    await watcher.round();
    assert.deepEqual([asked(), watcher.open], [look, look < 5]);
  }
  await watcher.round();
  assert.deepEqual([asked(), sent()], [5, ["vetoed", "vetoed"]]);
});

test("tries a veto that failed again, tells one cause once, and stops when the settlement is pending no more", async () => {
  const failure = new Error("refused");
  const { watcher, queue, asked, sent } = watcherWith([failure, failure]);
  await watcher.round();
  await watcher.round();
  assert.deepEqual([asked(), sent(), watcher.open], [2, ["veto_failed"], false]);
  queue.firstPending = 4;
  await watcher.round();
  assert.deepEqual([asked(), watcher.open], [2, false]);
});
