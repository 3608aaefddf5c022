import { parseArgs } from "node:util";
import { errorCode } from "#protocol/errors/error.ts";
import { BRANCH_FLOORS, FLOORS, type Part } from "./tested-lines/floors.ts";
import { type FileLines, percent, type Share, sumLines } from "./tested-lines/lcov.ts";
import { measureCoverage } from "./tested-lines/measure.ts";

const USAGE = `usage: npm run coverage [-- --json]
Lines that the unit tests run, per file and part, and of contracts the branches that they take; exit 1 when a part is
below its floor.`;

type Measured = Record<Part, FileLines[]>;

interface Sum extends Share {
  percent: number;
  floor: number;
}

interface PartSum extends Sum {
  part: Part;
  /** null where they are not measured */
  branches: Sum | null;
}

function parts(measured: Measured): PartSum[] {
  return (Object.keys(FLOORS) as Part[]).map((part) => {
    const branchFloor = BRANCH_FLOORS[part];
    const branches = measured[part].flatMap((file) => file.branches ?? []);
    return {
      part,
      ...sumOf(measured[part], FLOORS[part]),
      branches: branchFloor === undefined ? null : sumOf(branches, branchFloor),
    };
  });
}

function sumOf(shares: Share[], floor: number): Sum {
  const sum = sumLines(shares);
  return { ...sum, percent: percent(sum), floor };
}

function table(measured: Measured): string {
  const cell = (share: Share | null | undefined): string =>
    share ? `${`${share.hit}/${share.found}`.padStart(11)} ${percent(share).toFixed(2).padStart(7)} %` : "";
  const line = (name: string, lines: Share, branches: Share | null | undefined, floors = ""): string =>
    `${name.padEnd(48)}${cell(lines)}${cell(branches)} ${floors}`.trimEnd();
  const title = `${"".padEnd(48)}${"lines".padStart(21)}${"branches".padStart(21)}`;
  const rows = parts(measured).flatMap((sum) => [
    ...measured[sum.part].map((file) => line(`  ${file.file}`, file, file.branches)),
    line(sum.part, sum, sum.branches, floorsOf(sum)),
  ]);
  return [title, ...rows, ...missed(measured)].join("\n");
}

function floorsOf({ floor, branches }: PartSum): string {
  return branches ? `(floors ${floor} % and ${branches.floor} %)` : `(floor ${floor} %)`;
}

function missed(measured: Measured): string[] {
  const lines = Object.values(measured).flatMap((files) =>
    files.flatMap(({ file, missed = [] }) =>
      missed.map(({ line, what }) => `  ${file}:${line}${what === "" ? "" : `  never: ${what}`}`),
    ),
  );
  return lines.length === 0 ? [] : ["not run:", ...lines];
}

function json(measured: Measured): string {
  const withFiles = parts(measured).map((sum) => ({
    ...sum,
    files: measured[sum.part].map((file) => ({ ...file, percent: percent(file) })),
  }));
  return JSON.stringify({ parts: withFiles });
}

function shortfalls({ part, percent: share, floor, branches }: PartSum): string[] {
  const below = share < floor ? [`${part}: ${share} % of lines run, the floor is ${floor} %`] : [];
  if (!branches || branches.percent >= branches.floor) return below;
  return [...below, `${part}: ${branches.percent} % of branches taken, the floor is ${branches.floor} %`];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const measured = await measureCoverage();
  console.log(values.json ? json(measured) : table(measured));
  for (const shortfall of parts(measured).flatMap(shortfalls)) {
    console.error(shortfall);
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  const usage = error instanceof TypeError && "code" in error;
  console.error(
    `error ${usage ? "ERR_USAGE" : errorCode(error)}: ${error instanceof Error ? error.message : error}`,
  );
  if (usage) console.error(USAGE);
  process.exitCode = usage ? 2 : 1;
}
