import { globSync } from "node:fs";
import { resolve } from "node:path";
import { leaveOut } from "#scripts/leave-out.ts";
import { runSteps, type Step } from "#scripts/run-steps.ts";

/**
 * `npm test`: every suite, or those named as arguments (contracts, protocol, node, …).
 * Test files of one suite run two at a time; the end-to-end run has the machine to itself.
 */
const SUITES = ["protocol", "node", "client", "cli", "scripts", "simulation", "indexer", "e2e"] as const;

/** Suites that run once more in another setting, but for the files that it makes no difference to, or that try both. */
const AGAIN: Record<string, { name: string; env: Record<string, string>; without: string[] }> = {
  indexer: {
    name: "indexer (PostgreSQL)",
    env: { FLK_TEST_DATABASE: "postgres" },
    without: [
      "test/indexer/asker.test.ts",
      "test/indexer/costs.test.ts",
      "test/indexer/differential.test.ts",
      "test/indexer/doubts.test.ts",
      "test/indexer/event-decoder.test.ts",
      "test/indexer/explorer/page-modules.test.ts",
      "test/indexer/explorer/served.test.ts",
      "test/indexer/kept.test.ts",
      "test/indexer/log-range.test.ts",
      "test/indexer/loop.test.ts",
      "test/indexer/relay.test.ts",
      "test/indexer/report.test.ts",
      "test/indexer/schema.test.ts",
      "test/indexer/secrets.test.ts",
      "test/indexer/several-ranges.test.ts",
      "test/indexer/thawing.test.ts",
    ],
  },
};

/** What is made once for all files of a suite. */
const SETUP: Record<string, string> = { indexer: "test/indexer/support/run.ts" };

/** What modules compile to, so that not every test file compiles the same ones again: a third of the time that a file takes to load. */
const COMPILED = { NODE_COMPILE_CACHE: resolve("node_modules/.cache/compiled") };

function nodeTests(suite: string): Step[] {
  const files = globSync(`test/${suite}/**/*.test.ts`).sort();
  if (files.length === 0) return [];
  const concurrency = suite === "e2e" ? 1 : 2;
  const setup = SETUP[suite] === undefined ? [] : [`--test-global-setup=${SETUP[suite]}`];
  const args = ["--test", `--test-concurrency=${concurrency}`, "--test-timeout=300000", ...setup];
  const step = { command: process.execPath, env: COMPILED };
  const steps: Step[] = [{ ...step, name: suite, args: [...args, ...files] }];
  const again = AGAIN[suite];
  if (again) {
    const { name, env, without } = again;
    steps.push({ ...step, name, args: [...args, ...leaveOut(files, without)], env: { ...COMPILED, ...env } });
  }
  return steps;
}

const contracts: Step[] = [
  { name: "contracts (build)", command: "hardhat", args: ["build", "--quiet"] },
  { name: "contracts (Solidity)", command: "hardhat", args: ["test", "solidity"] },
  ...nodeTests("contracts"),
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => name !== "contracts" && !(SUITES as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`error ERR_USAGE: no suite ${unknown.join(", ")}; there are contracts, ${SUITES.join(", ")}`);
  process.exit(2);
}
const wants = (name: string): boolean => asked.length === 0 || asked.includes(name);
const steps = [...(wants("contracts") ? contracts : []), ...SUITES.filter(wants).flatMap(nodeTests)];
await runSteps("npm test", steps);
