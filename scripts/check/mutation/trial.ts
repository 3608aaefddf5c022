import { maxBigint } from "#protocol/types/bigint.ts";
import { NOTE_REACHED, probeOf, SWITCH } from "../solidity/probes.ts";
import { setAsideOf, testName } from "../solidity/set-aside.ts";
import type { Outcome, RunOptions, Suite, TestRunner } from "../solidity/test-runner.ts";

/** Tests that are run together: first those that take no input, then, for what survives, a few inputs of the others. */
const PHASES: Pick<RunOptions, "only" | "except" | "fuzzRuns">[] = [
  { except: "^(testFuzz|invariant)", fuzzRuns: 16 },
  { only: "^testFuzz", fuzzRuns: 16 },
];
/** A mutant may loop for ever: it gets so many times what the hungriest test takes, and no less than enough. */
const GAS_SPARE = 4n;
const LEAST_GAS = 200_000_000n;

/** What tests say to a mutant. */
export interface Verdict {
  /** the test that failed */
  killedBy: string | undefined;
  /** does any test run the code at all? */
  reached: boolean;
}

interface Phase {
  options: Omit<RunOptions, "suites">;
  /** by suite, the mutants that its tests run, and how long it takes, milliseconds */
  suites: { suite: Suite; reaches: ReadonlySet<number>; time: number; kills: number }[];
}

/** The tests of one build, and which of them run which mutant. */
export class Trials {
  /** tests that fail without a mutant, because they measure the gas of other code than this; nobody is killed by them */
  readonly setAside: ReadonlySet<string>;
  readonly #runner: TestRunner;
  readonly #phases: Phase[];

  private constructor(runner: TestRunner, phases: Phase[], setAside: ReadonlySet<string>) {
    this.#runner = runner;
    this.#phases = phases;
    this.setAside = setAside;
  }

  /** Runs every test with all mutants off. @throws ERR_SOLIDITY_TESTS when more fail than a few */
  static async prepare(runner: TestRunner): Promise<Trials> {
    const alone = await runner.run({ except: "^(testFuzz|invariant)", suites: runner.suites });
    const [most = 0n] = alone.map(({ gas }) => gas * GAS_SPARE).sort((a, b) => (a > b ? -1 : 1));
    const gasLimit = maxBigint(most, LEAST_GAS);
    const phases: Phase[] = [];
    const outcomes: Outcome[] = [];
    for (const phase of PHASES) {
      const options = { ...phase, gasLimit };
      outcomes.push(...(await runner.run({ ...options, suites: runner.suites })));
      phases.push({ options, suites: await reachOf(runner, options) });
    }
    return new Trials(runner, phases, new Set(setAsideOf(outcomes).map(testName)));
  }

  /** Suite after suite that reaches the mutant, those first that kill most, until a test fails. */
  async of(id: number): Promise<Verdict> {
    let reached = false;
    for (const { options, suites } of this.#phases) {
      const able = suites.filter(({ reaches }) => reaches.has(id));
      able.sort((a, b) => b.kills / b.time - a.kills / a.time || a.time - b.time);
      for (const entry of able) {
        reached = true;
        const account = { address: SWITCH.address, balance: BigInt(id) };
        const outcomes = await this.#runner.run({ ...options, suites: [entry.suite], account });
        const killedBy = firstFailure(outcomes, this.setAside);
        if (killedBy === undefined) continue;
        entry.kills++;
        return { killedBy, reached };
      }
    }
    return { killedBy: undefined, reached };
  }
}

/** What all tests say to a build that is a mutant as a whole. */
export async function tryBuild(runner: TestRunner, setAside: ReadonlySet<string>): Promise<Verdict> {
  for (const phase of PHASES) {
    const outcomes = await runner.run({ ...phase, gasLimit: LEAST_GAS, suites: runner.suites });
    const killedBy = firstFailure(outcomes, setAside);
    if (killedBy !== undefined) return { killedBy, reached: true };
  }
  return { killedBy: undefined, reached: true };
}

function firstFailure(outcomes: readonly Outcome[], setAside: ReadonlySet<string>): string | undefined {
  return outcomes
    .filter(({ passed }) => !passed)
    .map(testName)
    .find((test) => !setAside.has(test));
}

async function reachOf(runner: TestRunner, options: Omit<RunOptions, "suites">): Promise<Phase["suites"]> {
  const found: Phase["suites"] = [];
  for (const suite of runner.suites) {
    const reaches = new Set<number>();
    const onHits = (hits: Uint8Array[]): void => {
      for (const hit of hits) reaches.add(probeOf(hit));
    };
    const account = { address: SWITCH.address, balance: NOTE_REACHED };
    const start = performance.now();
    await runner.run({ ...options, suites: [suite], account, onHits });
    found.push({ suite, reaches, time: performance.now() - start, kills: 0 });
  }
  return found;
}
