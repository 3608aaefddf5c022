import { parseArgs } from "node:util";
import { errorCode } from "#protocol/errors/error.ts";
import type { Bench } from "./bench.ts";
import { gasBench } from "./gas/bench.ts";

const BENCHES: Record<string, Bench> = { gas: gasBench };

const USAGE = `usage: npm run bench -- NAME [--json] [--check] [--write]
  --json   one JSON object instead of a table
  --check  exit 1 when a figure is above its ceiling, or the document that holds the figures is stale
  --write  write that document
Benches:
${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join("\n")}`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return { ...values, names: positionals };
}

function usageError(why: string): void {
  console.error(`error ERR_USAGE: ${why}\n${USAGE}`);
  process.exitCode = 2;
}

async function run(bench: Bench, options: { json: boolean; check: boolean; write: boolean }): Promise<void> {
  const result = await bench.run();
  if (options.write) await result.write();
  console.log(options.json ? JSON.stringify(result.figures) : result.table);
  if (!options.check) return;
  const problems = await result.problems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  let options: ReturnType<typeof readArguments>;
  try {
    options = readArguments();
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error));
    return;
  }
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const [name, ...more] = options.names;
  if (name === undefined || more.length > 0) {
    usageError("name one bench");
    return;
  }
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench) await run(bench, options);
  else usageError(`no bench ${name}`);
}

try {
  await main();
} catch (error) {
  console.error(`error ${errorCode(error)}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
