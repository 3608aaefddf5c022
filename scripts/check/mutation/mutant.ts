import type { Span } from "../solidity/ast.ts";
import type { Source } from "../solidity/source.ts";

export type Operator =
  | "arithmetic"
  | "comparison"
  | "boolean"
  | "unary"
  | "assignment"
  | "condition"
  | "literal"
  | "constant"
  | "initial value"
  | "arguments"
  | "delete"
  | "modifier";

/** Code that a switch can replace: an expression by another of its type, a statement by another, a modifier by none. */
export interface Host extends Span {
  kind: "expression" | "statement" | "modifier";
  /** what is there when the mutant is on; of a modifier, its declaration */
  instead: string;
}

/** One small change of one contract. */
export interface Mutant {
  file: string;
  operator: Operator;
  /** the change as an edit of the file; a constant is changed where it is declared, and hosted where it is used */
  edit: Span & { text: string };
  hosts: Host[];
}

/** What names a mutant from one version of a file to the next: lines may move. */
export interface MutantName {
  file: string;
  operator: Operator;
  /** the code before and after, spaces folded */
  source: string;
  becomes: string;
  /** which of those with the same code, from 1 */
  ordinal: number;
}

export interface NamedMutant extends Mutant {
  name: MutantName;
  line: number;
}

export function keyOf({ file, operator, source, becomes, ordinal }: MutantName): string {
  return JSON.stringify([file, operator, source, becomes, ordinal]);
}

/** Gives every mutant of one source its name. */
export function nameMutants(source: Source, mutants: readonly Mutant[]): NamedMutant[] {
  const seen = new Map<string, number>();
  return mutants.map((mutant) => {
    const { file, operator, edit } = mutant;
    const code = { source: fold(source.slice(edit)), becomes: fold(edit.text) };
    const same = JSON.stringify([operator, code]);
    const ordinal = (seen.get(same) ?? 0) + 1;
    seen.set(same, ordinal);
    return { ...mutant, name: { file, operator, ...code, ordinal }, line: source.lineAt(edit.start) };
  });
}

function fold(code: string): string {
  return code.replace(/\s+/g, " ").trim();
}
