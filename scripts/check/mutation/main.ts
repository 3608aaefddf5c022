import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { errorCode, FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import { mutationDocument } from "./document.ts";
import { mutate } from "./mutate.ts";
import { showProgress } from "./progress.ts";
import { FLOORS, isOpen, json, line, problems, table } from "./report.ts";
import { filesOf, ROLE_NAMES } from "./targets.ts";

const DOCUMENT = "docs/spec/mutation.md";
const USAGE = `usage: npm run mutation -- [--contracts LIST] [--sample N [--seed S]] [--json] [--write]
Changes contracts in one place at a time and runs the Solidity unit tests: a change that no test notices survives.
  --contracts LIST  of ${ROLE_NAMES.join(",")} (all by default), or paths such as contracts/staking/*.sol
  --sample N        only N mutants, the same for the same seed
  --seed S          which ones (1 by default)
  --json            one JSON object instead of a table
  --write           write ${DOCUMENT}; all contracts, no sample
Exit 1 when less than ${FLOORS.all} % are killed, ${FLOORS.sample} % of a sample.`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      contracts: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { contracts = ROLE_NAMES.join(","), sample, seed, ...flags } = values;
  const files = new Set(contracts.split(",").flatMap(named));
  if (sample !== undefined && !/^[1-9]\d{0,6}$/.test(sample))
    throw usage(`--sample ${sample} is no number of mutants`);
  if (flags.write && (sample !== undefined || values.contracts !== undefined)) {
    throw usage("--write is about all mutants of all contracts");
  }
  return {
    ...flags,
    files: [...files],
    sample: sample === undefined ? undefined : { count: Number(sample), seed },
  };
}

function named(name: string): string[] {
  const files = filesOf(name);
  if (files.length === 0)
    throw usage(`no contracts ${name}; there are ${ROLE_NAMES.join(", ")}, or give a path`);
  return files;
}

function usage(why: string): FlkError {
  return new FlkError("ERR_USAGE", why);
}

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const progress = showProgress(process.stderr);
  const mutation = await mutate({
    files: options.files,
    ...(options.sample ? { sample: options.sample } : {}),
    onPhase: progress.phase,
    onVerdict: progress.verdict,
  });
  progress.end();
  const floor = options.sample ? FLOORS.sample : FLOORS.all;
  if (options.json) console.log(JSON.stringify(json(mutation, floor)));
  else {
    for (const entry of mutation.judged.filter(isOpen)) console.log(line(entry));
    console.log(table(mutation, floor));
  }
  if (options.write) await writeFile(join(ROOT, DOCUMENT), mutationDocument(mutation));
  for (const problem of problems(mutation, floor)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

try {
  await main();
} catch (error) {
  // What parseArgs throws is about the arguments, too.
  const isUsage = errorCode(error) === "ERR_USAGE" || (error instanceof TypeError && "code" in error);
  console.error(
    `error ${isUsage ? "ERR_USAGE" : errorCode(error)}: ${error instanceof Error ? error.message : error}`,
  );
  if (isUsage) console.error(USAGE);
  process.exitCode = isUsage ? 2 : 1;
}
