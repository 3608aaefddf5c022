import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allocateTo, NodeMemory, type RankedNode } from "#client/index.ts";
import { FlkError } from "#protocol/errors/error.ts";

const HOUR = 3_600_000;

function node(nodeId: number): RankedNode {
  const keys = { owner: new Uint8Array(20), networkKey: new Uint8Array(32), endpoints: [], stake: 1n };
  return { nodeId, reputation: 80, newcomer: false, ...keys };
}

describe("NodeMemory", () => {
  it("weighs wrong bytes more than a node that is gone, forgives by time and by service, and keeps what it knows as JSON", () => {
    let now = 1_000;
    const memory = new NodeMemory([], () => now);
    assert.equal(memory.factor(1), 1);
    memory.failed(1, "ERR_CONTENT_HASH");
    memory.failed(2, "ERR_NODE_UNREACHABLE");
    memory.silent(3);
    assert.deepEqual(
      [1, 2, 3].map((nodeId) => memory.factor(nodeId)),
      [1 / 16, 1 / 2, 1 / 2],
    );
    now += HOUR;
    assert.equal(memory.factor(1), 1 / 4);
    const again = new NodeMemory(JSON.parse(JSON.stringify(memory)), () => now);
    assert.equal(again.factor(1), 1 / 4);
    again.served(1);
    assert.equal(again.factor(1), 1 / 2);
    now -= 2 * HOUR;
    assert.equal(again.factor(1), 1 / 2, "a clock set back makes nothing worse");
    now += 10 * HOUR;
    again.served(1);
    assert.deepEqual(
      again.toJSON().map(({ nodeId }) => nodeId),
      [2, 3],
    );
  });

  it("blames nobody for what is the caller's or the chain's, nor anybody without end", () => {
    const memory = new NodeMemory([], () => 0);
    for (const code of ["ERR_ABORTED", "ERR_PRICE_TOO_HIGH", "ERR_CONTENT_NOT_FOUND", "ERR_RPC_UNREACHABLE"])
      memory.failed(1, code);
    assert.equal(memory.factor(1), 1);
    for (let i = 0; i < 100; i++) memory.failed(1, "ERR_CONTENT_HASH");
    assert.equal(memory.factor(1), 2 ** -10);
  });

  it("keeps 1,024 nodes, those with the most faults, and nothing that is no number", () => {
    const memory = new NodeMemory(
      [
        { nodeId: 7, faults: Number.NaN, at: 0 },
        { nodeId: 8, faults: 2, at: Number.NaN },
      ],
      () => 0,
    );
    assert.deepEqual(memory.toJSON(), []);
    memory.silent(1);
    for (let nodeId = 2; nodeId <= 1_500; nodeId++) memory.failed(nodeId, "ERR_CONTENT_HASH");
    assert.equal(memory.toJSON().length, 1_024);
    assert.equal(memory.factor(1), 1);
  });

  it("is told by a job who served, who failed and who was silent", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const memory = new NodeMemory([{ nodeId: 3, faults: 2, at: 0 }], () => 0);
    const allocated = allocateTo([1, 2, 3].map(node), {
      ...{ deadlineMs: 1_000, patienceMs: 100, memory },
      async run({ nodeId }) {
        if (nodeId === 1) return new Promise<string>(() => undefined);
        if (nodeId === 2) throw new FlkError("ERR_CONTENT_HASH", "wrong");
        return "right";
      },
    });
    t.mock.timers.tick(100);
    assert.equal((await allocated).results[0]?.nodeId, 3);
    assert.deepEqual(
      [1, 2, 3].map((nodeId) => memory.factor(nodeId)),
      [1 / 2, 1 / 16, 1 / 2],
    );
  });
});
