import { mustCompile, read, solidityFiles, TEST_FILES } from "../solidity/compiler.ts";
import { type Probe, type Probed, probe } from "../solidity/coverage-probes.ts";
import { PROBES, probeOf } from "../solidity/probes.ts";
import { setAsideOf, testName } from "../solidity/set-aside.ts";
import { Source } from "../solidity/source.ts";
import { TestRunner } from "../solidity/test-runner.ts";
import type { FileLines } from "./lcov.ts";

const MOCKS = "contracts/mocks/";

/** Lines and branches of every contract, mocks aside, that the Solidity tests run. @throws ERR_SOLIDITY_TESTS when they fail */
export async function solidityLines(): Promise<FileLines[]> {
  const files = solidityFiles("contracts/**/*.sol").filter((file) => !file.startsWith(MOCKS));
  const probed = probeAll(files);
  const content = new Map([
    [PROBES.file, PROBES.source],
    ...probed.map((one) => [one.file, one.content] as const),
  ]);
  const runner = await TestRunner.of(mustCompile([...solidityFiles(TEST_FILES), ...files], "code", content));
  const ran = new Set<number>();
  const onHits = (hits: Uint8Array[]): void => {
    for (const hit of hits) ran.add(probeOf(hit));
  };
  const outcomes = await runner.run({ suites: runner.suites, onHits });
  for (const failed of setAsideOf(outcomes)) {
    console.error(`${testName(failed)} fails in this build, whose probes take gas: ${failed.reason}`);
  }
  return probed.filter(({ probes }) => probes.length > 0).map((one) => countOf(one, ran));
}

function probeAll(files: string[]): Probed[] {
  const { asts } = mustCompile(files, "ast");
  let ids = 0;
  return files.flatMap((file) => {
    const unit = asts.get(file);
    return unit ? [probe(new Source(file, read(file)), unit, () => ++ids)] : [];
  });
}

/** A line has run when every statement has that starts on it. */
export function countOf({ file, probes }: Probed, ran: ReadonlySet<number>): FileLines {
  const branches = probes.filter(({ kind }) => kind === "branch");
  const lines = Map.groupBy(
    probes.filter(({ kind }) => kind === "statement"),
    ({ line }) => line,
  );
  const didRun = ({ id }: Probe): boolean => ran.has(id);
  const idle = [...lines]
    .filter(([, statements]) => !statements.every(didRun))
    .map(([line]) => ({ line, what: "" }));
  const untaken = branches.filter((branch) => !didRun(branch)).map(({ line, what }) => ({ line, what }));
  return {
    file,
    found: lines.size,
    hit: lines.size - idle.length,
    branches: { found: branches.length, hit: branches.length - untaken.length },
    missed: [...idle, ...untaken].sort((a, b) => a.line - b.line),
  };
}
