import { type Estimate, estimate } from "../support/estimate.ts";
import { noReputation } from "./policies/none.ts";
import { ours } from "./policies/ours.ts";
import { plainEigenTrust } from "./policies/plain-eigentrust.ts";
import type { PolicyKind } from "./policies/policy.ts";
import { weightedMean } from "./policies/weighted-mean.ts";
import { badShare, type Size } from "./simulate.ts";
import type { Threat } from "./threats.ts";

export const POLICIES: readonly PolicyKind[] = [noReputation, plainEigenTrust, weightedMean, ours];

export interface Row {
  id: string;
  model: string;
  axis: string;
  x: number;
  /** part of answers that were bad, by policy */
  bad: Record<string, Estimate>;
  /** flk less EigenTrust, of the same seeds */
  difference: Estimate;
}

/** Every threat under every policy with the same seeds. */
export function measureThreats(
  threats: readonly Threat[],
  seeds: number,
  size: Size,
  done: () => void,
): Row[] {
  return threats.map((threat) => {
    const runs = new Map(
      POLICIES.map((kind) => [
        kind.name,
        Array.from({ length: seeds }, (_, seed) => badShare(threat, kind, seed, size)),
      ]),
    );
    done();
    const { id, model, axis, x } = threat;
    const plain = runs.get(plainEigenTrust.name) ?? [];
    const difference = (runs.get(ours.name) ?? []).map((value, seed) => value - (plain[seed] as number));
    const bad = Object.fromEntries([...runs].map(([name, values]) => [name, estimate(values)]));
    return { id, model, axis, x, bad, difference: estimate(difference) };
  });
}

/** ours may be so much above EigenTrust in any row, and camouflage above this nowhere */
const MARGIN = 0.01;
const CAMOUFLAGE_PEAK = 0.258;

/** What does not hold, a line each. */
export function violations(rows: readonly Row[]): string[] {
  const worse = rows
    .filter(({ difference }) => !(difference.mean + difference.error <= MARGIN))
    .map(({ id, difference }) => `${id}: above EigenTrust by ${difference.mean.toFixed(3)}`);
  const peaks = rows
    .filter(({ model, bad }) => {
      const own = bad[ours.name];
      return model.startsWith("C") && own && !(own.mean + own.error < CAMOUFLAGE_PEAK);
    })
    .map(({ id }) => `${id}: not below ${CAMOUFLAGE_PEAK}`);
  return [...worse, ...peaks];
}
