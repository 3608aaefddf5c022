import type { SimCommit } from "../chain/chain-simulation.ts";
import type { Profile } from "../chain/profiles.ts";
import { runSeed, type SeedResult } from "../chain/run-seed.ts";

export interface Task {
  seed: number;
  nodes: number;
  profile: Profile;
  trace: boolean;
}

export interface TaskResult extends SeedResult {
  /** JSON lines, one per commit */
  trace: string[];
}

export async function runTask({ seed, nodes, profile, trace }: Task): Promise<TaskResult> {
  const lines: string[] = [];
  const onCommit = (commit: SimCommit) => void lines.push(traceLine(seed, nodes, commit));
  const result = await runSeed({ seed, nodes, profile, ...(trace ? { onCommit } : {}) });
  return { ...result, trace: lines };
}

function traceLine(seed: number, nodes: number, { node, block, certificates }: SimCommit): string {
  const { epoch, index, anchorRound: round, anchorAuthor: author, transactions, stateRoot } = block;
  const anchor = { round, author };
  return JSON.stringify({ seed, nodes, node, epoch, index, anchor, certificates, transactions, stateRoot });
}
