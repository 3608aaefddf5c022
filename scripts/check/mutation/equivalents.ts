import { readFileSync } from "node:fs";
import { keyOf, type MutantName } from "./mutant.ts";

/** A mutant that behaves as the contract does in everything that can be seen, and why. */
export interface Equivalent extends MutantName {
  reason: string;
}

/** The checked-in list, by {keyOf}. */
export function readEquivalents(): Map<string, Equivalent> {
  const path = new URL("./equivalents.json", import.meta.url);
  const list = JSON.parse(readFileSync(path, "utf8")) as Equivalent[];
  return new Map(list.map((entry) => [keyOf(entry), entry]));
}
