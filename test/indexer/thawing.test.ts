import assert from "node:assert/strict";
import { test } from "node:test";
import { openInOrder } from "#indexer/handlers/thawing.ts";

const opened = (request: number, block: number, closedBlock: number | null = null) => ({
  ...{ request, block, logIndex: 0 },
  ...{ closedBlock, closedLogIndex: closedBlock === null ? null : 0 },
});
const requests = (list: { request: number }[]) => list.map(({ request }) => request);

test("the last open request takes the place of one that is removed", () => {
  assert.deepEqual(
    requests(openInOrder([opened(0, 1, 4), opened(1, 2), opened(2, 3), opened(3, 5)])),
    [2, 1, 3],
  );
  // a slash closes several by one log, from the end
  const slashed = [opened(0, 1, 5), opened(1, 2), opened(2, 3, 5), opened(3, 4)];
  assert.deepEqual(requests(openInOrder(slashed)), [3, 1]);
});

test("many that were opened and cancelled are gone through once", { timeout: 60_000 }, () => {
  const COUNT = 200_000;
  const pairs = Array.from({ length: COUNT }, (_, i) => opened(i, 2 * i, 2 * i + 1));
  assert.deepEqual(requests(openInOrder([...pairs, opened(COUNT, 2 * COUNT)])), [COUNT]);
});
