import { parseArgs } from "node:util";
import { errorCode } from "#protocol/errors/error.ts";
import { FLOORS, type Part } from "./tested-lines/floors.ts";
import { type FileLines, percent, sumLines } from "./tested-lines/lcov.ts";
import { measureCoverage } from "./tested-lines/measure.ts";

const USAGE = `usage: npm run coverage [-- --json]
Lines that the unit tests run, per file and part; exit 1 when a part is below its floor.`;

type Measured = Record<Part, FileLines[]>;

function parts(measured: Measured) {
  return (Object.keys(FLOORS) as Part[]).map((part) => {
    const sum = sumLines(measured[part]);
    return { part, ...sum, percent: percent(sum), floor: FLOORS[part] };
  });
}

function table(measured: Measured): string {
  const line = (name: string, hit: number, found: number, share: number, floor = ""): string =>
    `${name.padEnd(48)} ${`${hit}/${found}`.padStart(10)} ${share.toFixed(2).padStart(7)} % ${floor}`.trimEnd();
  return parts(measured)
    .flatMap(({ part, hit, found, percent: share, floor }) => [
      ...measured[part].map((file) => line(`  ${file.file}`, file.hit, file.found, percent(file))),
      line(part, hit, found, share, `(floor ${floor} %)`),
    ])
    .join("\n");
}

function json(measured: Measured): string {
  const withFiles = parts(measured).map((sum) => ({
    ...sum,
    files: measured[sum.part].map((file) => ({ ...file, percent: percent(file) })),
  }));
  return JSON.stringify({ parts: withFiles });
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
  for (const { part, percent: share, floor } of parts(measured)) {
    if (share >= floor) continue;
    console.error(`${part}: ${share} % of lines run, the floor is ${floor} %`);
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
