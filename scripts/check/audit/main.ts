import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type AuditInput, collect } from "./collect.ts";
import type { Problem, Snapshot } from "./snapshot.ts";
import { verify } from "./verify.ts";

const USAGE = `usage: node scripts/check/audit/main.ts --input FILE [--save FILE]
       node scripts/check/audit/main.ts --snapshot FILE

Recomputes a run from L2 logs, the nodes' RPC and GraphQL, with code of its own.
  --input FILE     where to look: {rpcUrl, contracts, nodeRpcUrls, graphqlUrl, epochs, accounts}
  --save FILE      keeps what was collected, to be judged again with --snapshot
  --snapshot FILE  judges a kept collection
Exit 0: the audit holds. 1: it does not. 2: it could not be done.`;

function summary(problems: Problem[]): { text: string; ok: boolean } {
  const holds = (area: Problem["area"]): boolean => !problems.some((problem) => problem.area === area);
  const result = {
    conserved: holds("conserved"),
    sameStateRoot: holds("sameStateRoot"),
    indexerAgrees: holds("indexerAgrees"),
    active: holds("active"),
    problems: problems.map((problem) => problem.text),
  };
  return { text: JSON.stringify(result), ok: problems.length === 0 };
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      input: { type: "string" },
      save: { type: "string" },
      snapshot: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help || (!values.input && !values.snapshot)) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const snapshot = values.snapshot
    ? readJson<Snapshot>(values.snapshot)
    : await collect(readJson<AuditInput>(values.input ?? ""));
  if (values.save) writeFileSync(values.save, JSON.stringify(snapshot));
  const { text, ok } = summary(verify(snapshot));
  console.log(text);
  return ok ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`error ERR_AUDIT: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
