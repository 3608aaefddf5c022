import { availableParallelism } from "node:os";
import { FlkError } from "#protocol/errors/error.ts";
import type { Bench, BenchArguments } from "../bench.ts";
import { calibrate, calibrationLines } from "../support/calibration.ts";
import { integer } from "../support/integer.ts";
import { OF_THIS_MACHINE } from "../support/of-this-machine.ts";
import { profileArguments } from "../support/processes.ts";
import { DATABASES, type IndexerBenchOptions, type IndexerFigures, measure } from "./measure.ts";
import { PONDER_VERSION } from "./ponder.ts";

export const indexerBench: Bench = {
  about: "events a second into either database, beside Ponder's, and requests a second out of it",
  options: {
    events: { type: "string", default: "200000" },
    databases: { type: "string" },
    rows: { type: "string", default: "1000000" },
    requests: { type: "string", default: "500" },
    peer: { type: "string" },
    "cpu-prof": { type: "string" },
  },
  usage: `--events N (200000)  --databases postgres,pglite  --rows N in the database that is queried (1000000; 0: none)  --requests N of each query (500)
             --peer DIR: where Ponder is installed, or put; a temporary folder unless told; none: without it  --cpu-prof DIR`,
  async run(values) {
    const options = indexerOptions(values);
    const calibration = await calibrate();
    const measured = await measure(options);
    const figures = { ponder: PONDER_VERSION, cores: availableParallelism(), ...measured, calibration };
    return {
      figures,
      table: [...table(measured), ...calibrationLines(calibration)].join("\n"),
      ...OF_THIS_MACHINE,
    };
  },
};

/** @throws ERR_USAGE */
function indexerOptions(values: BenchArguments): IndexerBenchOptions {
  return {
    events: integer(values, "events", 200, 10_000_000) ?? 200_000,
    databases: databasesOf(values.databases),
    rows: integer(values, "rows", 0, 10_000_000) ?? 1_000_000,
    requests: integer(values, "requests", 20, 1_000_000) ?? 500,
    peer: typeof values.peer === "string" ? values.peer : undefined,
    flags: profileArguments(values),
  };
}

/** @throws ERR_USAGE */
function databasesOf(given: string | boolean | undefined): IndexerBenchOptions["databases"] {
  if (given === undefined) return DATABASES;
  const names = String(given).split(",");
  const found = DATABASES.filter((name) => names.includes(name));
  if (found.length === names.length) return found;
  throw new FlkError("ERR_USAGE", `--databases is some of ${DATABASES.join(",")}`, { got: String(given) });
}

function table({ ours, peer, timesThePeer, equalRows, queries }: IndexerFigures): string[] {
  const lines: string[] = [];
  for (const database of DATABASES) {
    if (ours[database]) lines.push(`ours, ${database}: ${JSON.stringify(ours[database])}`);
    if (!peer[database]) continue;
    lines.push(`ponder, ${database}: ${JSON.stringify(peer[database])}`);
    lines.push(`ours over ponder, ${database}: ${timesThePeer[database]}`);
  }
  if (equalRows !== null) lines.push(`rows alike: ${equalRows}`);
  for (const [name, figures] of Object.entries(queries?.each ?? {}))
    lines.push(`query ${name.padEnd(14)} ${JSON.stringify(figures)}`);
  return lines;
}
