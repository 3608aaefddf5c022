import { createWriteStream } from "node:fs";
import { BeaconExperiment, beaconTable, COALITIONS, ELIGIBLE } from "../beacon/beacon.ts";
import { type Growth, growth, growthTable } from "../growth/growth.ts";
import { runPermutations } from "../permutations/suite.ts";
import { runAll } from "./jobs.ts";
import { parseRunOptions, type RunOptions, USAGE } from "./options.ts";
import { complaints, count, emptySummary, isClean, tell } from "./report.ts";
import type { Task } from "./task.ts";

/** `npm run sim`: many seeds of whole chains under faults. Ends with 1 on any violation or stall, or a run that was too short. */
async function main(): Promise<void> {
  const options = parse();
  if (options.permutations) {
    const { dags, orders, different } = runPermutations(options.permutations);
    console.log(
      options.json
        ? JSON.stringify({ dags, orders, different })
        : `${dags} DAGs, ${orders} causal orders: ${different} gave another order`,
    );
    process.exitCode = different === 0 ? 0 : 1;
    return;
  }
  if (options.beacon !== undefined) return bias(options.nodes, options.beacon, options.json);
  if (options.growth) return grow(options.nodes, options.growth, options.json);
  process.exitCode = (await simulate(options)) ? 0 : 1;
}

function bias(sizes: readonly number[], epochs: number, json: boolean): void {
  const rows = sizes.flatMap((seats) => {
    const experiment = new BeaconExperiment(seats, ELIGIBLE);
    return COALITIONS.map((coalition) => experiment.measure(coalition, epochs));
  });
  console.log(json ? JSON.stringify(rows) : beaconTable(rows));
}

async function grow(
  sizes: readonly number[],
  load: { rate: number; seconds: number },
  json: boolean,
): Promise<void> {
  const rows: Growth[] = [];
  for (const nodes of sizes) {
    rows.push(await growth({ nodes, bytes: 512, ...load }));
    console.error(`${nodes} nodes done`);
  }
  console.log(json ? JSON.stringify(rows) : growthTable(rows));
}

function parse(): RunOptions {
  try {
    return parseRunOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`error ERR_USAGE: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return process.exit(2);
  }
}

async function simulate(options: RunOptions): Promise<boolean> {
  const { seeds, nodes, profile, trace, json, jobs } = options;
  const tasks: Task[] = seeds.flatMap((seed) =>
    nodes.map((seats) => ({ seed, nodes: seats, profile, trace: trace !== undefined })),
  );
  // the longest first, so that no process works alone at the end
  tasks.sort((a, b) => b.nodes - a.nodes);
  const summary = emptySummary(options);
  const file = trace === undefined ? undefined : createWriteStream(trace);
  const progress = progressTo(tasks.length);
  await runAll(tasks, jobs, (result) => {
    count(summary, result);
    for (const line of result.trace) file?.write(`${line}\n`);
    progress.clear();
    for (const line of complaints(result, options)) console.error(line);
    progress.show(summary.runs);
  });
  progress.clear();
  if (file) await new Promise((resolve) => file.end(resolve));
  console.log(json ? JSON.stringify(summary) : tell(summary));
  return isClean(summary);
}

/** A line that renews itself on a terminal; one line for each tenth elsewhere. */
function progressTo(total: number): { show(done: number): void; clear(): void } {
  const live = process.stderr.isTTY === true;
  let told = 0;
  return {
    show: (done) => {
      if (live) process.stderr.write(`\r${done} of ${total} runs`);
      else if (Math.floor((10 * done) / total) > told) {
        told = Math.floor((10 * done) / total);
        console.error(`${done} of ${total} runs`);
      }
    },
    clear: () => {
      if (live) process.stderr.write("\r\u001b[2K");
    },
  };
}

await main();
