import { FlkError } from "#protocol/errors/error.ts";
import type { Bench } from "../bench.ts";
import { type Figures, RULES, type Rule, simulate } from "./simulate.ts";
import { MIXES, type Mix } from "./world.ts";

const SEEDS = 5;

export type Row = Figures & { mix: Mix; rule: Rule };

export const routingBench: Bench = {
  about: "time to the first byte and failures by how clients choose nodes: 100 nodes, 5 regions, a tenth bad",
  async run() {
    const rows = MIXES.flatMap((mix) => RULES.map((rule) => ({ mix, rule, ...mean(rule, mix) })));
    return {
      figures: { seeds: SEEDS, rows },
      table: [
        "nodes  rule        p50 ms   p95 ms   failed %  busiest node %",
        ...rows.map(({ mix, rule, p50, p95, failed, busiest }) =>
          [
            mix.padEnd(7),
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

function mean(rule: Rule, mix: Mix): Figures {
  const runs = Array.from({ length: SEEDS }, (_, seed) => simulate(rule, seed, mix));
  const of = (field: keyof Figures): number => runs.reduce((sum, run) => sum + run[field], 0) / SEEDS;
  return { p50: of("p50"), p95: of("p95"), failed: of("failed"), busiest: of("busiest") };
}

/**
 * flk, with offers and without, fails less than random choice and the nearest, answers sooner than random choice, and has a better worst case
 * than the nearest; where nodes differ in load and price, offers make it fail less and answer sooner.
 */
export function problems(rows: readonly Row[]): string[] {
  const found: string[] = [];
  for (const mix of MIXES) {
    const of = (rule: Rule) => rows.find((row) => row.mix === mix && row.rule === rule);
    const [random, nearest, scores, offers] = [of("random"), of("nearest"), of("flk"), of("flk-offers")];
    if (!random || !nearest || !scores || !offers) return ["a rule is missing"];
    for (const own of mix === "even" ? [scores, offers] : [offers]) {
      const say = (holds: boolean, what: string): void =>
        void (holds || found.push(`${mix}: ${own.rule} ${what}`));
      say(own.failed < Math.min(random.failed, nearest.failed), "does not fail less");
      say(own.p50 < random.p50, "is not faster than random choice");
      say(own.p95 < nearest.p95, "has a worse p95 than the nearest");
    }
    if (mix === "mixed" && !(offers.failed < scores.failed && offers.p95 < scores.p95))
      found.push("load and price do not help");
  }
  return found;
}
