import type { Layout, Layouts } from "./layout.ts";

/** Contracts that run on the same storage. */
const SAME: [string, string][] = [["SettlementControl", "EpochSettlement"]];

export interface Comparison {
  /** what storage that exists would be misread by */
  broken: string[];
  /** what was appended and is not recorded yet */
  appended: string[];
}

/** Variables and members may only be appended; one that was recorded keeps its place, its type and its name. */
export function compare(recorded: Layouts, current: Layouts): Comparison {
  const result: Comparison = { broken: [], appended: [] };
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(current)])) {
    const [before, now] = [recorded[name], current[name]];
    if (!now) result.broken.push(`${name} is gone`);
    else if (!before) result.appended.push(name);
    else compareOne(name, { before, now }, result);
  }
  for (const [one, other] of SAME) {
    const differs = JSON.stringify(current[one]) !== JSON.stringify(current[other]);
    if (differs) result.broken.push(`${one} has another layout than ${other}, on whose storage it runs`);
  }
  return result;
}

function compareOne(
  name: string,
  { before, now }: { before: Layout; now: Layout },
  result: Comparison,
): void {
  lines(name, { before: before.storage, now: now.storage, mayGrow: true }, result);
  for (const [struct, members] of Object.entries(before.structs)) {
    const mayGrow = !before.inArrays.includes(struct);
    // one that is gone had its last variable removed, which is told already
    const kept = now.structs[struct];
    if (kept) lines(`${name}, ${struct}`, { before: members, now: kept, mayGrow }, result);
  }
  for (const struct of Object.keys(now.structs)) {
    if (!before.structs[struct]) result.appended.push(`${name}, ${struct}`);
  }
}

function lines(
  where: string,
  { before, now, mayGrow }: { before: string[]; now: string[]; mayGrow: boolean },
  result: Comparison,
): void {
  const changed = before.findIndex((line, i) => line !== now[i]);
  if (changed >= 0) {
    result.broken.push(`${where}: "${before[changed]}" is "${now[changed] ?? "gone"}" now`);
    return;
  }
  for (const line of now.slice(before.length)) {
    if (mayGrow) result.appended.push(`${where}: ${line}`);
    else result.broken.push(`${where} is in an array and cannot grow: ${line}`);
  }
}
