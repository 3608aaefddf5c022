import type { RatedNode, ReputationRules } from "#node/transition/epoch/reputation/aggregate.ts";
import type { ReporterEntries } from "#node/transition/epoch/reputation/observations.ts";
import { NEW_STANDING } from "#node/transition/epoch/reputation/standing.ts";
import type { PeerReport } from "#protocol/types/reputation.ts";

/** A mean of equal whole numbers must not end just below them. */
const ROUNDING = 1e-6;

/** docs/spec/reputation.md again, in doubles, dense matrices and no shared code: rates are whole parts of 10 000 as there. */

export function floatEigenTrust(
  local: number[][],
  pretrust: number[],
  damping: number,
  options: { start?: number[]; iterations?: number; credibility?: number[] } = {},
): { trust: number[]; given: number[] } {
  let trust = options.start ?? pretrust;
  let given = trust.map(() => 0);
  for (let iteration = 0; iteration < (options.iterations ?? 400); iteration++) {
    given = trust.map(() => 0);
    let kept = 1;
    for (const [i, row] of local.entries()) {
      const sum = row.reduce((total, value) => total + value, 0);
      if (sum === 0) continue;
      const spread = (trust[i] ?? 0) * (1 - damping) * ((options.credibility?.[i] ?? 10_000) / 10_000);
      kept -= spread;
      for (const [j, value] of row.entries()) given[j] = (given[j] ?? 0) + (spread * value) / sum;
    }
    trust = given.map((value, j) => value + kept * (pretrust[j] ?? 0));
  }
  return { trust, given };
}

interface Entry {
  peer: PeerReport;
  requests: number;
  bad: number;
  evidence: number;
  value: number;
}

export interface FloatOutcome {
  trust: number[];
  credibility: number[];
  bad: (number | undefined)[];
}

/** Trust, credibility and the agreed part of bad service at the end of an epoch. */
export function floatAggregate(
  nodes: readonly RatedNode[],
  reports: readonly ReporterEntries[],
  rules: ReputationRules,
): FloatOutcome {
  const ids = nodes.map(({ nodeId }) => nodeId);
  const entries = ids.map((id) => reports.find(({ reporter }) => reporter === id)?.peers.map(entryOf) ?? []);
  const local = entries.map((row) => ids.map((id) => row.find(({ peer }) => peer.node === id)?.value ?? 0));
  const pretrust = floatPretrust(nodes);
  const before = nodes.map(({ standing }) => standing ?? NEW_STANDING);
  let basis = pretrust.map((part, i) => (part + (before[i]?.share ?? 0) / 2 ** 52) / 2);
  let faith = before.map(({ credibility }) => credibility);
  let result: FloatOutcome = { trust: pretrust, credibility: faith, bad: [] };
  for (let round = 0; round < 2; round++) {
    const bad = ids.map((id) => agreed(entries, id, basis, faith));
    faith = entries.map((row, i) => believe(row, ids, bad, before[i]?.credibility ?? 10_000, rules));
    const { trust } = floatEigenTrust(local, pretrust, rules.damping / 10_000, { credibility: faith });
    basis = trust;
    result = { trust, credibility: faith, bad: ids.map((id) => agreed(entries, id, basis, faith)) };
  }
  return result;
}

function floatPretrust(nodes: readonly RatedNode[]): number[] {
  const stake = nodes.reduce((sum, node) => sum + Number(node.stake), 0);
  const revenue = nodes.reduce((sum, node) => sum + Number(node.revenue), 0);
  const weights = nodes.map((node) => {
    const own = stake === 0 ? 0 : Number(node.stake) / stake;
    return own + (revenue === 0 ? 0 : Math.min(own, Number(node.revenue) / revenue));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum === 0 ? 1 / nodes.length : weight / sum));
}

function entryOf(peer: PeerReport): Entry {
  const requests = peer.answered + peer.failed + peer.wrong;
  const bad = requests === 0 ? 0 : Math.floor((10_000 * (peer.failed + 2 * peer.wrong)) / requests);
  const evidence = Math.floor((1_000 * requests) / (requests + 4));
  const probed = peer.probes === 0 ? 0 : Math.floor((peer.reached * 10_000) / peer.probes);
  const served = Math.floor((evidence * Math.max(0, 10_000 - 4 * bad)) / 10_000);
  return {
    peer,
    requests,
    bad,
    evidence,
    value: requests > 0 ? served : Math.floor((250 * probed) / 10_000),
  };
}

function agreed(entries: Entry[][], id: number, trust: number[], faith: number[]): number | undefined {
  let sum = 0;
  let total = 0;
  for (const [i, row] of entries.entries()) {
    const entry = row.find(({ peer, requests }) => peer.node === id && requests > 0);
    if (!entry) continue;
    const voice = Math.floor((1_000 * entry.requests) / (entry.requests + 1));
    const weight = voice * (1 + (trust[i] ?? 0) * 2 ** 24 * ((faith[i] ?? 0) / 10_000));
    sum += weight * entry.bad;
    total += weight;
  }
  return total === 0 ? undefined : Math.floor(sum / total + ROUNDING);
}

function believe(
  row: Entry[],
  ids: number[],
  bad: (number | undefined)[],
  old: number,
  rules: ReputationRules,
): number {
  let excess = 0;
  let chance = 0;
  let total = 0;
  for (const entry of row) {
    const truth = bad[ids.indexOf(entry.peer.node)];
    if (entry.requests === 0 || truth === undefined) continue;
    excess += entry.evidence * Math.max(0, Math.abs(entry.bad - truth) - 2_500);
    chance += entry.evidence * Math.floor((truth * Math.floor(1_000 / entry.requests)) / 1_000);
    total += entry.evidence;
  }
  const now = Math.max(
    0,
    10_000 - (total === 0 ? 0 : Math.floor((8 * Math.max(0, excess - chance)) / total)),
  );
  const rate = now < old ? rules.fall : Math.floor(rules.rise / 4);
  const step = Math.ceil((Math.abs(now - old) * rate) / 10_000);
  return now < old ? old - step : old + step;
}
