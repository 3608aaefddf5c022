import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { allocateTo, type Job, JobFailure } from "#client/actions/allocate.ts";
import type { RankedNode } from "#client/index.ts";
import { FlkError } from "#protocol/errors/error.ts";

const DEADLINE = 1_000;
const PATIENCE = 100;

function nodes(count: number, ownerOf: (nodeId: number) => number = (nodeId) => nodeId): RankedNode[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ nodeId: i + 1, reputation: 80, newcomer: false, stake: 1n },
    ...{ owner: new Uint8Array(20).fill(ownerOf(i + 1)), networkKey: new Uint8Array(32), endpoints: [] },
  }));
}

type Behaviour = "good" | "fails" | "lies" | "slow" | "hangs" | "throws";

/** Nodes that behave so by nodeId, on a clock that only the test moves. */
class Trial {
  readonly asked: number[] = [];
  readonly aborted: number[] = [];
  readonly #t: TestContext;
  #now = 0;
  readonly #behaviour: Partial<Record<number, Behaviour>>;

  constructor(t: TestContext, behaviour: Partial<Record<number, Behaviour>> = {}) {
    this.#t = t;
    this.#behaviour = behaviour;
    t.mock.timers.enable({ apis: ["setTimeout"] });
    t.mock.method(performance, "now", () => this.#now);
  }

  run: Job<string>["run"] = async (node, signal) => {
    this.asked.push(node.nodeId);
    signal.addEventListener("abort", () => this.aborted.push(node.nodeId));
    switch (this.#behaviour[node.nodeId] ?? "good") {
      case "good":
        return "right";
      case "lies":
        return `wrong ${node.nodeId % 2}`;
      case "fails":
        throw new FlkError("ERR_CONTENT_HASH", "wrong bytes");
      case "throws":
        throw "no error at all";
      case "slow":
        await after(3 * PATIENCE);
        return "right";
      case "hangs":
        return new Promise(() => undefined);
    }
  };

  async pass(ms: number): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      await settled();
      this.#now += 10;
      this.#t.mock.timers.tick(10);
    }
    await settled();
  }
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const job = (trial: Trial, more: Partial<Job<string>> = {}): Job<string> => ({
  ...{ deadlineMs: DEADLINE, patienceMs: PATIENCE, run: trial.run },
  ...more,
});
const states = (attempts: { nodeId: number; state: string }[]): string[] =>
  attempts.map(({ nodeId, state }) => `${nodeId} ${state}`);

async function failureOf(allocated: Promise<unknown>, code: string): Promise<JobFailure<string>> {
  const error = await allocated.then(
    () => assert.fail("it did not fail"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof JobFailure && error.code === code, String(error));
  return error;
}

describe("REP-ALLOCATE", () => {
  it("asks as many nodes as results are wanted, in order, and no more", async (t) => {
    const trial = new Trial(t);
    const { results, attempts } = await allocateTo(nodes(9), job(trial, { count: 3 }));
    assert.deepEqual(
      results.map(({ nodeId, result }) => [nodeId, result]),
      [1, 2, 3].map((nodeId) => [nodeId, "right"]),
    );
    assert.deepEqual(trial.asked, [1, 2, 3]);
    assert.ok(attempts.every(({ state, silent, ms }) => state === "done" && !silent && ms !== undefined));
  });

  it("gives the work of a node that fails to the next one at once, and says why", async (t) => {
    const trial = new Trial(t, { 1: "fails", 3: "throws" });
    const { results, attempts } = await allocateTo(nodes(9), job(trial, { count: 2 }));
    assert.deepEqual(
      results.map(({ nodeId }) => nodeId),
      [2, 4],
    );
    assert.deepEqual(states(attempts), ["1 failed", "2 done", "3 failed", "4 done"]);
    assert.deepEqual([attempts[0]?.code, attempts[2]?.code], ["ERR_CONTENT_HASH", "ERR_INTERNAL"]);
  });

  it("asks another one in place of a silent node, takes whoever is first, and leaves the others", async (t) => {
    const trial = new Trial(t, { 1: "hangs", 2: "slow" });
    const allocated = allocateTo(nodes(9), job(trial));
    await trial.pass(PATIENCE - 10);
    assert.deepEqual(trial.asked, [1]);
    await trial.pass(20);
    assert.deepEqual(trial.asked, [1, 2]);
    await trial.pass(PATIENCE);
    const { results, attempts } = await allocated;
    assert.deepEqual(results, [{ nodeId: 3, result: "right" }]);
    assert.deepEqual(states(attempts), ["1 left", "2 left", "3 done"]);
    assert.deepEqual(trial.aborted, [1, 2]);
    assert.ok(attempts[0]?.silent && !attempts[2]?.silent);
  });

  it("a slow node may still be the first, and one that shows signs of life is waited for", async (t) => {
    const trial = new Trial(t, { 1: "slow", 2: "hangs", 3: "hangs", 4: "hangs" });
    const slow = allocateTo(nodes(4), job(trial));
    await trial.pass(3 * PATIENCE + 20);
    assert.deepEqual((await slow).results, [{ nodeId: 1, result: "right" }]);

    const { asked } = trial;
    asked.length = 0;
    const talking: Job<string>["run"] = async (node, _, alive) => {
      asked.push(node.nodeId);
      for (let i = 0; i < 6; i++) {
        await after(PATIENCE / 2);
        alive();
      }
      return "right";
    };
    const chatty = allocateTo(nodes(4), job(trial, { run: talking }));
    await trial.pass(3 * PATIENCE + 20);
    assert.deepEqual((await chatty).results, [{ nodeId: 1, result: "right" }]);
    assert.deepEqual(asked, [1]);
  });

  it("signs of life that bring too little do not renew patience, nor any once half of the time that was left is over", async (t) => {
    const trial = new Trial(t);
    const drip =
      (bytes: number): Job<string>["run"] =>
      async (node, signal, alive) => {
        trial.asked.push(node.nodeId);
        if (node.nodeId === 3) return "right";
        while (!signal.aborted) {
          await after(PATIENCE / 2);
          alive(bytes);
        }
        throw new FlkError("ERR_ABORTED", "left");
      };
    const dripped = allocateTo(nodes(9), job(trial, { run: drip(1), minProgress: 64 }));
    await trial.pass(2 * PATIENCE + 20);
    assert.deepEqual((await dripped).results, [{ nodeId: 3, result: "right" }]);

    trial.asked.length = 0;
    const steady = allocateTo(nodes(9), job(trial, { run: drip(64), minProgress: 64 }));
    await trial.pass(DEADLINE / 2 - 20);
    assert.deepEqual(trial.asked, [1]);
    await trial.pass(30);
    assert.deepEqual(trial.asked, [1, 2]);
    await trial.pass(DEADLINE / 4);
    const { attempts } = await steady;
    assert.deepEqual(states(attempts), ["1 left", "2 left", "3 done"]);
    assert.ok(attempts[0]?.silent && attempts[1]?.silent);
  });

  it("times longer than a timer holds are waited out, and patience without end never ends", async (t) => {
    const trial = new Trial(t, { 1: "slow" });
    for (const long of [
      { deadlineMs: 2 ** 31, patienceMs: PATIENCE * 9 },
      { deadlineMs: Number.MAX_SAFE_INTEGER, patienceMs: Number.POSITIVE_INFINITY },
      { deadlineMs: Number.POSITIVE_INFINITY },
    ]) {
      trial.asked.length = 0;
      const allocated = allocateTo(nodes(3), { run: trial.run, ...long });
      await trial.pass(3 * PATIENCE + 20);
      assert.deepEqual((await allocated).results, [{ nodeId: 1, result: "right" }]);
      assert.deepEqual(trial.asked, [1]);
    }
  });

  it("ERR_JOB_NODES: asks nobody, and nobody more, when there are too few to finish", async (t) => {
    const trial = new Trial(t, { 1: "fails", 2: "slow", 3: "hangs" });
    await failureOf(allocateTo(nodes(2), job(trial, { count: 3 })), "ERR_JOB_NODES");
    await failureOf(allocateTo(nodes(9), job(trial, { count: 3, maxNodes: 2 })), "ERR_JOB_NODES");
    assert.deepEqual(trial.asked, []);
    await failureOf(allocateTo(nodes(3), job(trial, { count: 3 })), "ERR_JOB_NODES");
    assert.deepEqual(trial.asked, [1, 2, 3]);
    assert.deepEqual(trial.aborted, [2, 3]);
  });

  it("where results are compared, asks on until so many nodes agree, and names those that differ", async (t) => {
    const trial = new Trial(t, { 1: "lies", 2: "lies", 4: "fails" });
    const compared = job(trial, { count: 2, keyOf: (result) => result });
    const { results, attempts } = await allocateTo(nodes(9), compared);
    assert.deepEqual(
      results.map(({ nodeId, result }) => [nodeId, result]),
      [
        [3, "right"],
        [5, "right"],
      ],
    );
    assert.deepEqual(states(attempts), ["1 differs", "2 differs", "3 done", "4 failed", "5 done"]);
  });

  it("nodes of one owner do not agree with each other, and a node is asked once", async (t) => {
    const trial = new Trial(t, { 1: "lies", 3: "lies", 5: "lies" });
    const owned = nodes(6, (nodeId) => (nodeId % 2 === 1 ? 99 : nodeId));
    const compared = job(trial, { count: 2, keyOf: (result) => result });
    const { results } = await allocateTo(owned, compared);
    assert.deepEqual(
      results.map(({ nodeId }) => nodeId),
      [2, 4],
    );
    const [first] = nodes(1);
    assert.ok(first);
    trial.asked.length = 0;
    await failureOf(allocateTo([first, first], job(trial, { count: 2 })), "ERR_JOB_NODES");
    assert.deepEqual(trial.asked, []);
  });

  it("ERR_JOB_DEADLINE: ends in time with what there is, and aborts what still runs", async (t) => {
    const trial = new Trial(t, { 2: "hangs", 3: "hangs", 4: "fails", 5: "hangs", 6: "hangs", 7: "hangs" });
    const failed = failureOf(allocateTo(nodes(7), job(trial, { count: 2 })), "ERR_JOB_DEADLINE");
    await trial.pass(DEADLINE + 10);
    const { results, attempts, data } = await failed;
    assert.deepEqual(results, [{ nodeId: 1, result: "right" }]);
    assert.equal(data.attempts, 6);
    assert.deepEqual(states(attempts), ["1 done", "2 left", "3 left", "4 failed", "5 left", "6 left"]);
    assert.deepEqual(trial.aborted, [2, 3, 5, 6]);
    await trial.pass(DEADLINE);
    assert.equal(trial.asked.length, 6, "nobody is asked any more");
  });

  it("ERR_JOB_NODES: when nobody is left who could do it", async (t) => {
    const trial = new Trial(t, { 1: "fails", 2: "fails", 3: "fails" });
    const { attempts } = await failureOf(allocateTo(nodes(3), job(trial)), "ERR_JOB_NODES");
    assert.equal(attempts.length, 3);
    await failureOf(allocateTo([], job(trial)), "ERR_JOB_NODES");
    trial.asked.length = 0;
    await failureOf(allocateTo(nodes(9), job(trial, { maxNodes: 2 })), "ERR_JOB_NODES");
    assert.deepEqual(trial.asked, [1, 2]);
  });

  it("ERR_ABORTED: before it begins, and while it runs", async (t) => {
    const trial = new Trial(t, { 1: "hangs" });
    await failureOf(allocateTo(nodes(3), job(trial, { signal: AbortSignal.abort() })), "ERR_ABORTED");
    assert.deepEqual(trial.asked, []);
    const giveUp = new AbortController();
    const failed = failureOf(allocateTo(nodes(3), job(trial, { signal: giveUp.signal })), "ERR_ABORTED");
    await settled();
    giveUp.abort();
    await failed;
    assert.deepEqual(trial.aborted, [1]);
  });

  it("a comparison that throws is the node's failure, and ERR_JOB refuses what is no job", async (t) => {
    const trial = new Trial(t);
    const keyOf = (): string => {
      throw new FlkError("ERR_NODE_RESPONSE", "not what was asked for");
    };
    const { attempts } = await failureOf(allocateTo(nodes(2), job(trial, { keyOf })), "ERR_JOB_NODES");
    assert.deepEqual(
      attempts.map(({ code }) => code),
      ["ERR_NODE_RESPONSE", "ERR_NODE_RESPONSE"],
    );
    const notJobs = [{ count: 0 }, { count: 1.5 }, { maxNodes: 0 }, { patienceMs: -1 }, { minProgress: 0 }];
    for (const bad of [...notJobs, { deadlineMs: 0 }, { deadlineMs: Number.NaN }]) {
      await assert.rejects(allocateTo(nodes(2), job(trial, bad)), { code: "ERR_JOB" });
    }
  });
});
