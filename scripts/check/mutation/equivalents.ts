import { readFileSync } from "node:fs";
import { keyOf, type MutantName } from "./mutant.ts";

/** A mutant that survives, and why. */
interface Explained extends MutantName {
  reason: string;
}

/** Those that behave as the contract does in everything that can be seen: they do not count. By {keyOf}. */
export function readEquivalents(): Map<string, Explained> {
  return read("equivalents.json");
}

/** Those that could be told apart, and why no test does: they count as survivors. By {keyOf}. */
export function readGaps(): Map<string, Explained> {
  return read("gaps.json");
}

function read(name: string): Map<string, Explained> {
  const list = JSON.parse(readFileSync(new URL(`./${name}`, import.meta.url), "utf8")) as Explained[];
  return new Map(list.map((entry) => [keyOf(entry), entry]));
}
