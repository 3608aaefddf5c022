import { FlkError } from "#protocol/errors/error.ts";
import type { AstNode } from "../solidity/ast.ts";
import { type CompileError, compile, read } from "../solidity/compiler.ts";
import type { Mutant } from "./mutant.ts";
import { blamed, isSwitchable, type Load, type Numbered, plainly, reach, schemata } from "./schemata.ts";

/** Mutants by what the compiler says to them. */
export interface Sorted<M extends Mutant = Mutant> {
  /** can all be in one build */
  switched: Map<number, M>;
  /** compile, but need a build of their own: a switch does not fit where they are */
  alone: Map<number, M>;
  /** do not compile, so they do not count */
  invalid: Map<number, M>;
}

/** Tells those apart that do not compile: both checks know the culprit of an error by where it is. */
export function sortOut<M extends Mutant>(
  numbered: ReadonlyMap<number, M>,
  asts: ReadonlyMap<string, AstNode>,
  load: Load = read,
): Sorted<M> {
  const files = [...new Set([...numbered.values()].map(({ file }) => file))];
  const fitting = new Map([...numbered].filter(([, mutant]) => isSwitchable(mutant, asts)));
  const [switched] = withoutErrors(fitting, files, (left) => schemata(left, asts, load));
  const doubtful = new Map([...numbered].filter(([id]) => !switched.has(id)));
  const alone = new Map<number, M>();
  const invalid = new Map<number, M>();
  for (const group of apart(doubtful)) {
    const [valid, others] = withoutErrors(group, files, (left) => plainly(left, load));
    for (const [id, mutant] of valid) alone.set(id, mutant);
    for (const [id, mutant] of others) invalid.set(id, mutant);
  }
  return { switched, alone, invalid };
}

/** Takes out what the compiler blames until it has nothing to say. @returns the rest, and what was taken out */
function withoutErrors<M extends Mutant>(
  numbered: ReadonlyMap<number, M>,
  files: string[],
  build: (numbered: Numbered) => Map<string, string>,
) {
  const left = new Map(numbered);
  const out = new Map<number, M>();
  while (left.size > 0) {
    const woven = build(left);
    const { errors } = compile(files, "ast", woven);
    if (errors.length === 0) break;
    for (const id of culprits(errors, woven)) {
      const mutant = left.get(id);
      if (mutant) out.set(id, mutant);
      left.delete(id);
    }
  }
  return [left, out] as const;
}

function culprits(errors: CompileError[], woven: ReadonlyMap<string, string>): Set<number> {
  const found = blamed(errors, woven);
  if (found.size === 0) throw new FlkError("ERR_SOLIDITY", errors[0]?.message ?? "the compiler failed");
  return found;
}

/** Groups in which no two touch. */
function apart<M extends Mutant>(numbered: ReadonlyMap<number, M>): Map<number, M>[] {
  const groups: Map<number, M>[] = [];
  for (const [id, mutant] of numbered) {
    const free = groups.find((group) => ![...group.values()].some((other) => overlap(other, mutant)));
    if (free) free.set(id, mutant);
    else groups.push(new Map([[id, mutant]]));
  }
  return groups;
}

function overlap(a: Mutant, b: Mutant): boolean {
  const [left, right] = [reach(a), reach(b)];
  return a.file === b.file && left.start < right.end && right.start < left.end;
}
