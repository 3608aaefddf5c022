import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isProfile, PROFILES, type Profile } from "../chain/profiles.ts";

export interface RunOptions {
  seeds: number[];
  /** seats */
  nodes: number[];
  profile: Profile;
  json: boolean;
  trace: string | undefined;
  permutations: "full" | "sample" | undefined;
  /** what healthy committees of `nodes` spend instead */
  growth: { rate: number; seconds: number } | undefined;
  /** epochs in which coalitions bias the draw of committees of `nodes` instead */
  beacon: number | undefined;
  jobs: number;
}

export const USAGE = `npm run sim -- [options]
  --seeds N              seeds 1 to N for each number of nodes (default 10)
  --seed S               this seed alone
  --nodes A,B            seats of the committee (default 4,7,10); one node more takes part
  --profile NAME         ${Object.keys(PROFILES).join(", ")} (default all)
  --json                 the result as JSON on stdout
  --trace FILE           one JSON line per commit
  --permutations SIZE    full or sample: causal orders of random DAGs instead of whole chains
  --growth               messages and CPU of healthy committees of --nodes instead, without faults
  --rate R --seconds S   of --growth: transactions of 512 bytes a second, of all members (default 1000), for S virtual seconds (5)
  --beacon               what coalitions gain by withholding their last anchors, for committees of --nodes, instead
  --epochs N             of --beacon (default 1000)
  --jobs N               processes (default: as many as cores)`;

/** @throws with a message for the user */
export function parseRunOptions(args: string[]): RunOptions {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: "string", default: "10" },
      seed: { type: "string" },
      nodes: { type: "string", default: "4,7,10" },
      profile: { type: "string", default: "all" },
      json: { type: "boolean", default: false },
      trace: { type: "string" },
      permutations: { type: "string" },
      growth: { type: "boolean", default: false },
      rate: { type: "string" },
      seconds: { type: "string" },
      beacon: { type: "boolean", default: false },
      epochs: { type: "string" },
      jobs: { type: "string", default: String(availableParallelism()) },
    },
  });
  const { profile, permutations, json, trace } = values;
  if (!isProfile(profile)) throw new Error(`no profile ${profile}`);
  if (permutations !== undefined && permutations !== "full" && permutations !== "sample") {
    throw new Error("--permutations is full or sample");
  }
  const count = integer("--seeds", values.seeds);
  const seeds =
    values.seed === undefined
      ? Array.from({ length: count }, (_, at) => at + 1)
      : [integer("--seed", values.seed)];
  const nodes = values.nodes.split(",").map((text) => integer("--nodes", text));
  if (nodes.some((seats) => seats < 4 || seats > 100)) throw new Error("--nodes are 4 to 100");
  const { growth: grows, rate = "1000", seconds = "5" } = values;
  if (!grows && (values.rate ?? values.seconds) !== undefined) {
    throw new Error("--rate and --seconds are of --growth");
  }
  const growth = grows
    ? { rate: integer("--rate", rate), seconds: integer("--seconds", seconds) }
    : undefined;
  if (!values.beacon && values.epochs !== undefined) throw new Error("--epochs is of --beacon");
  const beacon = values.beacon ? integer("--epochs", values.epochs ?? "1000") : undefined;
  const jobs = integer("--jobs", values.jobs);
  return { seeds, nodes, profile, json, trace, permutations, growth, beacon, jobs };
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} takes whole numbers from 1`);
  return value;
}
