import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cliError } from "../errors.ts";
import { programOutput } from "../io/program-output.ts";
import type { SummaryAccount } from "./summary.ts";
import type { Cast, World } from "./world.ts";

const PROGRAM = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  "scripts/check/audit/main.ts",
);

export interface AuditResult {
  conserved: boolean;
  sameStateRoot: boolean;
  indexerAgrees: boolean;
  /** deliveries, rewards, claims and a changed seat in every epoch */
  active: boolean;
  problems: string[];
}

/**
 * Runs the audit as a program of its own: it shares no code with what it checks.
 * @throws ERR_AUDIT when it could not be done
 */
export async function runAudit(
  world: World,
  cast: Cast,
  epochs: number,
  accounts: SummaryAccount[],
): Promise<AuditResult> {
  const input = {
    rpcUrl: world.rpcUrl,
    chainId: cast.deployment.chainId,
    contracts: cast.deployment.contracts,
    nodeRpcUrls: cast.nodes.map(({ rpcUrl }) => rpcUrl),
    graphqlUrl: world.graphqlUrl,
    epochs,
    accounts: accounts.map(({ address, role }) => ({ address, role })),
  };
  const path = join(world.root, "audit.json");
  await writeFile(path, JSON.stringify(input, null, 2));
  const save = join(world.root, "audit-snapshot.json");
  const { code, stdout, stderr } = await programOutput(
    [PROGRAM, "--input", path, "--save", save],
    world.signal,
  );
  if (code !== 0 && code !== 1) throw cliError("ERR_AUDIT", `the audit could not be done: ${stderr.trim()}`);
  const line = stdout.trim().split("\n").at(-1) ?? "";
  const result = JSON.parse(line) as AuditResult;
  if (code === 1 && result.problems.length === 0)
    throw cliError("ERR_AUDIT", "the audit failed without a reason");
  return result;
}
