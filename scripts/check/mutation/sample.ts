import { createHash } from "node:crypto";
import { keyOf, type NamedMutant } from "./mutant.ts";

/**
 * `count` of the mutants, the same for the same seed. Each has a rank of its own, so that a change of one contract leaves
 * the sample of the others as it was.
 */
export function sample(mutants: readonly NamedMutant[], count: number, seed: string): NamedMutant[] {
  const ranked = mutants.map((mutant) => ({ mutant, rank: rankOf(mutant, seed) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked.slice(0, count).map(({ mutant }) => mutant);
}

function rankOf(mutant: NamedMutant, seed: string): string {
  return createHash("sha256")
    .update(`${seed} ${keyOf(mutant.name)}`)
    .digest("hex");
}
