import type { Judged, Mutation } from "./mutate.ts";

/** Least share of mutants that tests must kill, percent: of all, and of a sample, which is off by chance. */
export const FLOORS = { all: 90, sample: 85 } as const;

export interface Score {
  contract: string;
  mutants: number;
  killed: number;
  survived: number;
  /** survivors that the list says are equivalent; they do not count as mutants */
  equivalent: number;
  percent: number;
}

export const isSurvivor = ({ killedBy }: Judged): boolean => killedBy === undefined;
export const isOpen = (entry: Judged): boolean => isSurvivor(entry) && entry.reason === undefined;

/** One score per file, in order. */
export function scores(judged: readonly Judged[]): Score[] {
  const files = [...new Set(judged.map(({ mutant }) => mutant.file))].sort();
  return files.map((file) =>
    score(
      file,
      judged.filter(({ mutant }) => mutant.file === file),
    ),
  );
}

export function score(contract: string, judged: readonly Judged[]): Score {
  const equivalent = judged.filter((entry) => isSurvivor(entry) && !isOpen(entry)).length;
  const survived = judged.filter(isOpen).length;
  const mutants = judged.length - equivalent;
  const killed = mutants - survived;
  return { contract, mutants, killed, survived, equivalent, percent: share(killed, mutants) };
}

/** Two decimals, rounded down. */
function share(killed: number, mutants: number): number {
  return mutants === 0 ? 100 : Math.floor((killed * 10_000) / mutants) / 100;
}

/** What is wrong with the result, one line each. */
export function problems({ judged, stale }: Mutation, floor: number): string[] {
  const { percent } = score("all", judged);
  const dead = judged.filter((entry) => !isSurvivor(entry) && (entry.reason ?? entry.gap) !== undefined);
  return [
    ...(percent < floor ? [`${percent} % of mutants killed, the floor is ${floor} %`] : []),
    ...stale.map((key) => `equivalents.json, gaps.json: no mutant ${key}`),
    ...dead.map((entry) => `${listOf(entry)}: ${entry.killedBy} kills ${line(entry)}`),
  ];
}

function listOf({ reason }: Judged): string {
  return reason === undefined ? "gaps.json" : "equivalents.json";
}

/** The change as one line. */
export function line({ mutant, reached }: Judged): string {
  const { operator, source, becomes, ordinal } = mutant.name;
  const which = ordinal > 1 ? ` (the ${ordinal}. such)` : "";
  const unreached = reached ? "" : " (no test gets here)";
  return `${mutant.file}:${mutant.line}  ${operator}: ${source} → ${becomes || "nothing"}${which}${unreached}`;
}

export function table({ judged }: Mutation, floor: number): string {
  const row = (contract: string, ...cells: string[]): string =>
    contract.padEnd(44) + cells.map((cell) => cell.padStart(11)).join("");
  const scored = ({ contract, mutants, killed, survived, equivalent, percent }: Score): string =>
    row(contract, `${mutants}`, `${killed}`, `${survived}`, `${equivalent}`, `${percent.toFixed(2)} %`);
  return [
    row("contract", "mutants", "killed", "survived", "equivalent", "score"),
    ...scores(judged).map(scored),
    `${scored(score("all", judged))} (floor ${floor} %)`,
  ].join("\n");
}

export function json({ judged, invalid, stale, setAside }: Mutation, floor: number) {
  const survivors = judged.filter(isSurvivor).map(({ mutant, reached, reason }) => ({
    ...mutant.name,
    line: mutant.line,
    reached,
    reason: reason ?? null,
  }));
  return {
    ...score("all", judged),
    floor,
    invalid,
    stale: stale.length,
    setAside,
    contracts: scores(judged),
    survivors,
  };
}
