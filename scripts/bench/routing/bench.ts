import { FlkError } from "#protocol/errors/error.ts";
import type { Bench } from "../bench.ts";
import { type Figures, RULES, type Rule, simulate } from "./simulate.ts";

const SEEDS = 5;

export const routingBench: Bench = {
  about: "time to the first byte and failures by how clients choose nodes: 100 nodes, 5 regions, a tenth bad",
  async run() {
    const rows = RULES.map((rule) => ({ rule, ...mean(rule) }));
    return {
      figures: { seeds: SEEDS, rows },
      table: [
        "rule        p50 ms   p95 ms   failed %  busiest node %",
        ...rows.map(({ rule, p50, p95, failed, busiest }) =>
          [
            rule.padEnd(10),
            p50.toFixed(0).padStart(8),
            p95.toFixed(0).padStart(9),
            (100 * failed).toFixed(2).padStart(11),
            (100 * busiest).toFixed(1).padStart(16),
          ].join(""),
        ),
      ].join("\n"),
      problems: async () => problems(rows),
      async write() {
        throw new FlkError("ERR_USAGE", "quote it by hand in docs/spec/reputation.md");
      },
    };
  },
};

function mean(rule: Rule): Figures {
  const runs = Array.from({ length: SEEDS }, (_, seed) => simulate(rule, seed));
  const of = (field: keyof Figures): number => runs.reduce((sum, run) => sum + run[field], 0) / SEEDS;
  return { p50: of("p50"), p95: of("p95"), failed: of("failed"), busiest: of("busiest") };
}

/** flk fails less than both, answers sooner than random choice, and has a better worst case than the nearest. */
export function problems(rows: readonly (Figures & { rule: Rule })[]): string[] {
  const [random, nearest, , own] = RULES.map((rule) => rows.find((row) => row.rule === rule));
  if (!random || !nearest || !own) return ["a rule is missing"];
  return [
    ...(own.failed < Math.min(random.failed, nearest.failed) ? [] : ["flk does not fail less"]),
    ...(own.p50 < random.p50 ? [] : ["flk is not faster than random choice"]),
    ...(own.p95 < nearest.p95 ? [] : ["flk has a worse p95 than the nearest"]),
  ];
}
