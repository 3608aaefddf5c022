import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MODULE, moduleInput, moduleOutput } from "#cli/devnet/module.ts";
import { isBoundedModule } from "#node/edge/compute/wasm-form.ts";

/** Runs it as a node's sandbox does. */
function run(input: Uint8Array): Uint8Array {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(MODULE)), {
    flk: {
      read_input: (to: number, offset: number, length: number) =>
        new Uint8Array(memory.buffer, to, length).set(input.subarray(offset, offset + length)),
      write_output: (from: number, length: number) => {
        output = new Uint8Array(memory.buffer, from, length).slice();
      },
    },
  });
  const { memory, run: start } = instance.exports as { memory: WebAssembly.Memory; run(): void };
  let output = new Uint8Array();
  start();
  return output;
}

test("the module gives what its clients expect of it, however long it runs", () => {
  const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const times = fc.integer({ min: 1, max: 100_000 });
  const same = fc.property(seed, times, (from, steps) => {
    assert.deepEqual(run(moduleInput(from, steps)), moduleOutput(from, steps));
  });
  fc.assert(same, { seed: 1, numRuns: 100 });
});

test("the module is one that nodes take", () => {
  assert.ok(isBoundedModule(MODULE));
});

test("one step more, or another seed, is another output", () => {
  assert.deepEqual(moduleOutput(1, 1), new Uint8Array(new Int32Array([1_664_525 + 1_013_904_223]).buffer));
  assert.notDeepEqual(moduleOutput(1, 1_000), moduleOutput(1, 1_001));
  assert.notDeepEqual(moduleOutput(1, 1_000), moduleOutput(2, 1_000));
});
