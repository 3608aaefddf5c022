import { LEAST, type SeedResult } from "../chain/run-seed.ts";
import type { RunOptions } from "./options.ts";

export interface Summary {
  seeds: number;
  /** one per seed and number of nodes */
  runs: number;
  nodes: number[];
  rounds: number;
  commits: number;
  epochs: number;
  transactions: number;
  faults: Record<string, number>;
  violations: number;
  stalls: number;
  /** runs that did less than a seed has to */
  short: number;
}

export function emptySummary({ seeds, nodes }: RunOptions): Summary {
  const counts = { seeds: seeds.length, runs: 0, rounds: 0, commits: 0, epochs: 0, transactions: 0 };
  return { ...counts, nodes, faults: {}, violations: 0, stalls: 0, short: 0 };
}

export function count(summary: Summary, result: SeedResult): void {
  summary.runs++;
  summary.rounds += result.rounds;
  summary.commits += result.commits;
  summary.epochs += result.epochs;
  summary.transactions += result.transactions;
  summary.violations += result.violations.length;
  summary.stalls += result.stalls.length;
  if (isShort(result)) summary.short++;
  for (const [kind, times] of Object.entries(result.faults)) {
    summary.faults[kind] = (summary.faults[kind] ?? 0) + times;
  }
}

/** What was wrong with a run and how to see it again; nothing when it was fine. */
export function complaints(result: SeedResult, { profile }: RunOptions): string[] {
  const { seed, nodes, violations, stalls } = result;
  const found = [
    ...violations.map((what) => `violation: ${what}`),
    ...stalls.map((what) => `stall: ${what}`),
    ...(violations.length + stalls.length === 0 && isShort(result)
      ? [`short: ${JSON.stringify(result)}`]
      : []),
  ];
  if (found.length === 0) return [];
  const replay = `npm run sim -- --seed ${seed} --nodes ${nodes} --profile ${profile} --jobs 1`;
  return [`seed ${seed} with ${nodes} nodes`, ...found.map((what) => `  ${what}`), `  replay: ${replay}`];
}

function isShort({ rounds, commits, epochs, faults }: SeedResult): boolean {
  const injected = Object.values(faults).reduce((sum, times) => sum + times, 0);
  const calm = Object.keys(faults).length === 0;
  return (
    rounds < LEAST.rounds ||
    commits < LEAST.commits ||
    epochs < LEAST.epochs ||
    (!calm && injected < LEAST.faults)
  );
}

export function isClean({ violations, stalls, short }: Summary): boolean {
  return violations + stalls + short === 0;
}

export function tell(summary: Summary): string {
  const { runs, rounds, commits, epochs, transactions, faults, violations, stalls, short } = summary;
  const kinds = Object.entries(faults)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([kind, times]) => `${kind} ${times}`);
  return [
    `${runs} runs: ${rounds} rounds, ${commits} commits, ${epochs} epochs, ${transactions} transactions`,
    `faults: ${kinds.join(", ") || "none"}`,
    `${violations} violations, ${stalls} stalls, ${short} short runs`,
  ].join("\n");
}
