import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import type { Bench } from "../bench.ts";
import { PLOT, threatDocument, threatTable } from "./document.ts";
import { measureThreats, violations } from "./measure.ts";
import { plotThreats } from "./plot.ts";
import { FULL_SIZE } from "./simulate.ts";
import { THREATS } from "./threats.ts";

const DOCUMENT = "docs/spec/reputation-threats.md";

export const eigentrustBench: Bench = {
  about: "bad service under attack: no reputation, EigenTrust, a weighted mean, and the protocol's rule",
  options: { seeds: { type: "string", default: "20" } },
  usage: "--seeds N (20)",
  async run(values) {
    const seeds = Number(values.seeds);
    if (!(Number.isInteger(seeds) && seeds >= 2 && seeds <= 1_000)) {
      throw new FlkError("ERR_USAGE", "--seeds is a whole number from 2 to 1000", {
        got: String(values.seeds),
      });
    }
    const rows = measureThreats(THREATS, seeds, FULL_SIZE, () => process.stderr.write("."));
    process.stderr.write("\n");
    const files: [path: string, text: string][] = [
      [DOCUMENT, threatDocument(rows, seeds)],
      [PLOT, plotThreats(rows)],
    ];
    return {
      figures: { seeds, ...FULL_SIZE, rows, violations: violations(rows) },
      table: threatTable(rows),
      async write() {
        for (const [path, text] of files) {
          await mkdir(dirname(join(ROOT, path)), { recursive: true });
          await writeFile(join(ROOT, path), text);
        }
      },
      async problems() {
        const stale: string[] = [];
        for (const [path, text] of files) {
          const kept = await readFile(join(ROOT, path), "utf8");
          if (kept !== text) stale.push(`${path} is stale: npm run bench -- eigentrust --write`);
        }
        return [...violations(rows), ...stale];
      },
    };
  },
};
