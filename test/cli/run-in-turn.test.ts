import assert from "node:assert/strict";
import { test } from "node:test";
import { type RunAt, runInTurn } from "#cli/actions/run-in-turn.ts";
import { FlkError, isFlkError } from "#protocol/errors/error.ts";

const job = { module: "0xab", maxMs: 1_000 };
/** Fails at each node as told, after so many ms, and runs well at those that nothing is said of. */
function nodes(failures: Record<number, { code: string; paid?: number }>) {
  const asked: [number, number][] = [];
  const runAt: RunAt = async (nodeId, maxMs, onMs) => {
    asked.push([nodeId, maxMs]);
    const failure = failures[nodeId];
    onMs(failure?.paid ?? 0);
    if (failure) throw new FlkError(failure.code, "told to");
    return { output: new Uint8Array(), ms: 1 };
  };
  return { asked, runAt };
}

test("what is the module's own fault is paid once", async () => {
  for (const code of ["TRAP", "OUTPUT", "MEMORY", "TIMEOUT"].map((c) => `ERR_COMPUTE_${c}`)) {
    const { asked, runAt } = nodes({ 1: { code, paid: 1 } });
    await assert.rejects(runInTurn(runAt, [1, 2, 3], job), (error) => isFlkError(error, code));
    assert.deepEqual(asked, [[1, 1_000]]);
  }
});

test("what is the node's goes on elsewhere, with what is left of the bound", async () => {
  const { asked, runAt } = nodes({
    1: { code: "ERR_COMPUTE_BUSY" },
    2: { code: "ERR_NODE_UNREACHABLE", paid: 300 },
    3: { code: "ERR_CONTENT_NOT_FOUND" },
  });
  assert.equal((await runInTurn(runAt, [1, 2, 3, 4, 5], job)).nodeId, 4);
  const bounds = [1_000, 1_000, 700, 700];
  assert.deepEqual(
    asked,
    bounds.map((ms, i) => [i + 1, ms]),
  );
  const cut = nodes({ 1: { code: "ERR_NODE_RESPONSE", paid: 1_000 } });
  await assert.rejects(runInTurn(cut.runAt, [1, 2], job), (error) => isFlkError(error, "ERR_NOT_DELIVERED"));
  assert.equal(cut.asked.length, 1);
});

test("that a module is none is believed of two nodes, and of the only one", async () => {
  const code = "ERR_COMPUTE_MODULE";
  const one = nodes({ 1: { code, paid: 1 } });
  assert.equal((await runInTurn(one.runAt, [1, 2, 3], job)).nodeId, 2);
  assert.deepEqual(one.asked, [
    [1, 1_000],
    [2, 999],
  ]);
  const two = nodes({ 1: { code }, 2: { code: "ERR_COMPUTE_BUSY" }, 3: { code } });
  await assert.rejects(runInTurn(two.runAt, [1, 2, 3, 4], job), (error) => isFlkError(error, code));
  assert.equal(two.asked.length, 3);
  const only = nodes({ 1: { code } });
  await assert.rejects(runInTurn(only.runAt, [1], job), (error) => isFlkError(error, code));
});

test("one node's refusal is its own", async () => {
  const { runAt } = nodes({ 1: { code: "ERR_COMPUTE_BUSY" } });
  await assert.rejects(runInTurn(runAt, [1], job), (error) => isFlkError(error, "ERR_COMPUTE_BUSY"));
});
