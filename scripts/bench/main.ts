import { parseArgs } from "node:util";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { acksBench } from "./acks/bench.ts";
import type { Bench, BenchArguments } from "./bench.ts";
import { consensusBench } from "./consensus/bench.ts";
import { eigentrustBench } from "./eigentrust/bench.ts";
import { gasBench } from "./gas/bench.ts";
import { indexerBench } from "./indexer/bench.ts";
import { reputationBench } from "./reputation/bench.ts";
import { routingBench } from "./routing/bench.ts";
import { transitionBench } from "./transition/bench.ts";

const BENCHES: Record<string, Bench> = {
  gas: gasBench,
  consensus: consensusBench,
  transition: transitionBench,
  reputation: reputationBench,
  eigentrust: eigentrustBench,
  acks: acksBench,
  routing: routingBench,
  indexer: indexerBench,
};

const USAGE = `usage: npm run bench -- NAME [--json] [--check] [--write]
  --json   one JSON object instead of a table
  --check  exit 1 when a figure is above its ceiling, or the document that holds the figures is stale
  --write  write that document
Benches:
${Object.entries(BENCHES)
  .map(([name, { about, usage }]) => `  ${name.padEnd(10)} ${about}${usage ? `\n             ${usage}` : ""}`)
  .join("\n")}`;

const COMMON = {
  json: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** The bench's name decides which options there are. */
function readArguments() {
  const { positionals } = parseArgs({ allowPositionals: true, strict: false, options: COMMON });
  const [name = "", ...more] = positionals;
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (!bench)
    return { bench, name, more, options: parseArgs({ allowPositionals: true, options: COMMON }).values };
  const { values } = parseArgs({ allowPositionals: true, options: { ...COMMON, ...bench.options } });
  return { bench, name, more: [], options: values as BenchArguments };
}

function usageError(why: string): void {
  console.error(`error ERR_USAGE: ${why}\n${USAGE}`);
  process.exitCode = 2;
}

async function run(bench: Bench, options: BenchArguments): Promise<void> {
  const result = await bench.run(options);
  if (options.write) await result.write();
  console.log(options.json ? JSON.stringify(result.figures) : result.table);
  if (!options.check) return;
  const problems = await result.problems();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  let given: ReturnType<typeof readArguments>;
  try {
    given = readArguments();
  } catch (error) {
    usageError(error instanceof Error ? error.message : String(error));
    return;
  }
  const { bench, name, options } = given;
  if (options.help) console.log(USAGE);
  else if (bench) await run(bench, options);
  else usageError(name === "" ? "name one bench" : `no bench ${name}`);
}

try {
  await main();
} catch (error) {
  console.error(`error ${errorCode(error)}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = isFlkError(error, "ERR_USAGE") ? 2 : 1;
}
