import { availableParallelism } from "node:os";
import { mustCompile, read, solidityFiles, TEST_FILES } from "../solidity/compiler.ts";
import { FIRST_MUTANT } from "../solidity/probes.ts";
import { Source } from "../solidity/source.ts";
import { TestRunner } from "../solidity/test-runner.ts";
import { candidates } from "./candidates.ts";
import { readEquivalents, readGaps } from "./equivalents.ts";
import { keyOf, type NamedMutant } from "./mutant.ts";
import { sample } from "./sample.ts";
import { plainly, schemata } from "./schemata.ts";
import { type Sorted, sortOut } from "./sort-out.ts";
import { Trials, tryBuild, type Verdict } from "./trial.ts";

export interface MutateOptions {
  files: string[];
  /** all when left out */
  sample?: { count: number; seed: string };
  onPhase(message: string): void;
  onVerdict(verdict: Judged, done: number, of: number): void;
}

/** A mutant with what the tests say to it. */
export interface Judged extends Verdict {
  mutant: NamedMutant;
  /** why it is no fault of the tests that it survives */
  reason: string | undefined;
  /** why no test tells it apart, of one that counts */
  gap?: string | undefined;
}

export interface Mutation {
  judged: Judged[];
  /** mutants that do not compile */
  invalid: number;
  /** entries of the list that name no mutant of these files */
  stale: string[];
  /** tests that were not asked, because they fail without a mutant */
  setAside: string[];
}

/** Mutates the files and runs the Solidity unit tests on every mutant. */
export async function mutate(options: MutateOptions): Promise<Mutation> {
  const { files, onPhase } = options;
  onPhase(`mutating ${files.length} files`);
  const { asts } = mustCompile(files, "ast");
  const found = files.flatMap((file) => {
    const unit = asts.get(file);
    return unit ? candidates(new Source(file, read(file)), unit) : [];
  });
  const sorted = sortOut(new Map(found.map((mutant, i) => [FIRST_MUTANT + i, mutant])), asts);
  const listed = readEquivalents();
  const gaps = readGaps();
  const chosen = choose(options, sorted, new Set(listed.keys()));
  const switched = new Map([...sorted.switched].filter(([, mutant]) => chosen.has(mutant)));
  const alone = new Map([...sorted.alone].filter(([, mutant]) => chosen.has(mutant)));

  onPhase(`compiling ${switched.size} mutants into one build; ${alone.size} need one of their own`);
  const judged: Judged[] = [];
  const judge = (mutant: NamedMutant, verdict: Verdict): void => {
    const key = keyOf(mutant.name);
    const entry = { mutant, ...verdict, reason: listed.get(key)?.reason, gap: gaps.get(key)?.reason };
    judged.push(entry);
    options.onVerdict(entry, judged.length, chosen.size);
  };
  const trials = await prepare(schemata(switched, asts), onPhase);
  await judgeSwitched(switched, trials, judge);
  await judgeAlone(alone, trials.setAside, judge);
  judged.sort((a, b) => order(a.mutant, b.mutant));
  const keys = new Set(found.map(({ name }) => keyOf(name)));
  const stale = [...listed, ...gaps]
    .filter(([key, { file }]) => files.includes(file) && !keys.has(key))
    .map(([key]) => key);
  return { judged, invalid: sorted.invalid.size, stale, setAside: [...trials.setAside] };
}

async function prepare(woven: Map<string, string>, onPhase: (message: string) => void): Promise<Trials> {
  const runner = await TestRunner.of(mustCompile(solidityFiles(TEST_FILES), "code", woven));
  onPhase(`running ${runner.suites.length} test contracts without mutants`);
  const trials = await Trials.prepare(runner);
  for (const test of trials.setAside)
    onPhase(`not asked, as it fails in this build without mutants: ${test}`);
  return trials;
}

/** Those to run: all, or a sample of those that are not on the list. */
function choose(
  options: MutateOptions,
  sorted: Sorted<NamedMutant>,
  listed: ReadonlySet<string>,
): Set<NamedMutant> {
  const valid = [...sorted.switched.values(), ...sorted.alone.values()];
  if (!options.sample) return new Set(valid);
  const { count, seed } = options.sample;
  return new Set(
    sample(
      valid.filter(({ name }) => !listed.has(keyOf(name))),
      count,
      seed,
    ),
  );
}

type Judge = (mutant: NamedMutant, verdict: Verdict) => void;

async function judgeSwitched(
  mutants: ReadonlyMap<number, NamedMutant>,
  trials: Trials,
  judge: Judge,
): Promise<void> {
  const queue = mutants.entries();
  const worker = async (): Promise<void> => {
    // Workers share the iterator.
    for (const [id, mutant] of queue) judge(mutant, await trials.of(id));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function judgeAlone(
  mutants: ReadonlyMap<number, NamedMutant>,
  setAside: ReadonlySet<string>,
  judge: Judge,
): Promise<void> {
  for (const [id, mutant] of mutants) {
    const changed = plainly(new Map([[id, mutant]]));
    const runner = await TestRunner.of(mustCompile(solidityFiles(TEST_FILES), "code", changed));
    judge(mutant, await tryBuild(runner, setAside));
  }
}

function order(a: NamedMutant, b: NamedMutant): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.edit.start - b.edit.start;
}
