import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import { FLOORS, type Part } from "./floors.ts";
import { type FileLines, parseLcov } from "./lcov.ts";
import { GENERATED, neverLoaded } from "./never-loaded.ts";
import { runNode } from "./run.ts";
import { solidityLines } from "./solidity.ts";

/** Parts in TypeScript and the tests that must cover them. */
const TESTS = ["test/protocol", "test/node/consensus", "test/node/transition"];
/** Searches and walks beside a chain: they run again and again what others run, for minutes with every line counted. */
const SEARCHES = ["self-dealing.test.ts", "contracts.test.ts"];

/** Every measured file by part. @throws ERR_COVERAGE when a test fails */
export async function measureCoverage(): Promise<Record<Part, FileLines[]>> {
  const folder = await mkdtemp(join(tmpdir(), "flk-coverage-"));
  try {
    const solidity = await solidityLines();
    const typescript = await typescriptLines(join(folder, "lcov.info"));
    const all = [...solidity, ...typescript].sort((a, b) => (a.file < b.file ? -1 : 1));
    const parts = (Object.keys(FLOORS) as Part[]).map((part) => [
      part,
      all.filter(({ file }) => file.startsWith(`${part}/`)),
    ]);
    return Object.fromEntries(parts) as Record<Part, FileLines[]>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function typescriptLines(report: string): Promise<FileLines[]> {
  const files = TESTS.flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: ROOT }))
    .filter((file) => !SEARCHES.includes(basename(file)))
    .sort();
  if (files.length === 0) throw new FlkError("ERR_COVERAGE", `no tests in ${TESTS.join(", ")}`);
  const parts = Object.keys(FLOORS).filter((part) => part !== "contracts");
  await runNode([
    "--test",
    "--test-concurrency=2",
    "--test-timeout=120000",
    "--experimental-test-coverage",
    ...parts.map((part) => `--test-coverage-include=${part}/**`),
    `--test-coverage-exclude=${GENERATED}`,
    "--test-reporter=dot",
    "--test-reporter-destination=stderr",
    "--test-reporter=lcov",
    `--test-reporter-destination=${report}`,
    ...files,
  ]);
  const loaded = parseLcov(await readFile(report, "utf8"));
  return [...loaded, ...(await neverLoaded(parts, loaded))];
}
