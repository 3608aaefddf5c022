import assert from "node:assert/strict";
import { test } from "node:test";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { buildContracts } from "#scripts/deploy/hardhat.ts";

/** Builds that fail so, in turn, and then go through. */
function builds(...failures: Error[]): { hre: HardhatRuntimeEnvironment; runs(): number } {
  let runs = 0;
  const run = async () => {
    const failure = failures[runs++];
    if (failure) throw failure;
  };
  const hre = { tasks: { getTask: () => ({ run }) } };
  return { hre: hre as unknown as HardhatRuntimeEnvironment, runs: () => runs };
}

function lost(file: string): Error {
  const cause = Object.assign(new Error("rename"), { code: "ENOENT", path: `/p/cache/${file}` });
  return new Error("File not found", { cause });
}

test("a build whose cache another process has just renamed is run again", async () => {
  const { hre, runs } = builds(lost("compile-cache.json.tmp"));
  await buildContracts(hre);
  assert.equal(runs(), 2);
});

test("any other failure of a build is told, and a cache that is always lost, too", async () => {
  for (const failure of [lost("other.json"), new Error("syntax")]) {
    await assert.rejects(buildContracts(builds(failure).hre), failure);
  }
  const always = Array.from({ length: 9 }, () => lost("compile-cache.json.tmp"));
  const { hre, runs } = builds(...always);
  await assert.rejects(buildContracts(hre), always[2]);
  assert.equal(runs(), 3);
});
