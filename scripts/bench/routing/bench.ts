import { FlkError } from "#protocol/errors/error.ts";
import type { Bench } from "../bench.ts";
import { type Estimate, estimate } from "../support/estimate.ts";
import { integer } from "../support/integer.ts";
import { type Figures, RULES, type Rule, simulate } from "./simulate.ts";
import { MIXES, type Mix } from "./world.ts";

const SEEDS = 20;

export type Row = Figures & { mix: Mix; rule: Rule };

/** What is in a row is the mean over the seeds, and `error` half the 95 % interval. */
type Measured = Row & { error: Figures };

export const routingBench: Bench = {
  about: "time to the first byte and failures by how clients choose nodes: 100 nodes, 5 regions, a tenth bad",
  options: {
    seeds: { type: "string" },
    mix: { type: "string", default: MIXES.join(",") },
  },
  usage: `--seeds N (${SEEDS}), --mix ${MIXES.join(",")}: 8 s of processor for each seed of each`,
  async run(values) {
    const seeds = integer(values, "seeds", 2, 1_000) ?? SEEDS;
    const mixes = readMixes(values.mix);
    const rows = mixes.flatMap((mix) => RULES.map((rule) => measure(rule, mix, seeds)));
    return {
      figures: { seeds, rows },
      table: [
        "nodes  rule                p50 ms          p95 ms        failed %  busiest node %",
        ...rows.map(({ mix, rule, error, ...mean }) => {
          const cell = (field: keyof Figures, digits: number, scale = 1): string =>
            `${(scale * mean[field]).toFixed(digits)} ± ${(scale * error[field]).toFixed(digits)}`.padStart(
              16,
            );
          const cells = [cell("p50", 0), cell("p95", 0), cell("failed", 2, 100), cell("busiest", 1, 100)];
          return [mix.padEnd(7), rule.padEnd(10), ...cells].join("");
        }),
      ].join("\n"),
      problems: async () => problems(rows, mixes),
      async write() {
        throw new FlkError("ERR_USAGE", "quote it by hand in docs/spec/reputation.md");
      },
    };
  },
};

/** @throws ERR_USAGE */
function readMixes(text: unknown): Mix[] {
  const names = String(text).split(",");
  const mixes = MIXES.filter((mix) => names.includes(mix));
  if (mixes.length === names.length) return mixes;
  throw new FlkError("ERR_USAGE", `--mix is of ${MIXES.join(" and ")}`, { got: String(text) });
}

function measure(rule: Rule, mix: Mix, seeds: number): Measured {
  const runs = Array.from({ length: seeds }, (_, seed) => simulate(rule, seed, mix));
  const of = (field: keyof Figures): Estimate => estimate(runs.map((run) => run[field]));
  const fields = { p50: of("p50"), p95: of("p95"), failed: of("failed"), busiest: of("busiest") };
  const each = (part: keyof Estimate): Figures => ({
    p50: fields.p50[part],
    p95: fields.p95[part],
    failed: fields.failed[part],
    busiest: fields.busiest[part],
  });
  return { mix, rule, ...each("mean"), error: each("error") };
}

/**
 * flk, with offers and without, fails less than random choice and the nearest, answers sooner than random choice, and has a better worst case
 * than the nearest; where nodes differ in load and price, offers make it fail less and answer sooner.
 */
export function problems(rows: readonly Row[], mixes: readonly Mix[] = MIXES): string[] {
  const found: string[] = [];
  for (const mix of mixes) {
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
