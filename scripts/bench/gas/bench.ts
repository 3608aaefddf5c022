import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import type { Bench } from "../bench.ts";
import { gasRows } from "./ceilings.ts";
import { gasDocument, gasTable } from "./document.ts";
import { measureGas } from "./measure.ts";

const DOCUMENT = "docs/spec/gas.md";

export const gasBench: Bench = {
  about: "gas of every call that the protocol repeats, on a local EVM",
  async run() {
    const figures = await measureGas();
    const rows = gasRows(figures);
    const text = gasDocument(rows, figures);
    return {
      figures: numbers(figures),
      table: gasTable(rows),
      write: () => writeFile(join(ROOT, DOCUMENT), text),
      async problems() {
        const over = rows
          .filter(({ gas, ceiling }) => gas > ceiling)
          .map(({ call, gas, ceiling }) => `${call}: ${gas} gas, its ceiling is ${ceiling}`);
        const kept = await readFile(join(ROOT, DOCUMENT), "utf8");
        return kept === text ? over : [...over, `${DOCUMENT} is stale: npm run bench -- gas --write`];
      },
    };
  },
};

/** Gas fits a number with room to spare. */
function numbers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, v) => (typeof v === "bigint" ? Number(v) : v)));
}
