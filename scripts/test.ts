import { globSync } from "node:fs";
import { runSteps, type Step } from "#scripts/run-steps.ts";

/**
 * `npm test`: every suite, or those named as arguments (contracts, protocol, node, …).
 * Test files of one suite run two at a time; the end-to-end run has the machine to itself.
 */
const SUITES = ["protocol", "node", "client", "cli", "scripts", "simulation", "indexer", "e2e"] as const;

/** Suites that run once more in another setting. */
const AGAIN: Record<string, { name: string; env: Record<string, string> }> = {
  indexer: { name: "indexer (PostgreSQL)", env: { FLK_TEST_DATABASE: "postgres" } },
};

function nodeTests(suite: string): Step[] {
  const files = globSync(`test/${suite}/**/*.test.ts`).sort();
  if (files.length === 0) return [];
  const concurrency = suite === "e2e" || suite === "indexer" ? 1 : 2;
  const args = ["--test", `--test-concurrency=${concurrency}`, "--test-timeout=300000", ...files];
  const step = { name: suite, command: process.execPath, args };
  const again = AGAIN[suite];
  return again ? [step, { ...step, ...again }] : [step];
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
