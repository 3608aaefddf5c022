import { type AstNode, type Visit, walk } from "../solidity/ast.ts";
import type { Source } from "../solidity/source.ts";
import { constantMutants } from "./constants.ts";
import { conditionMutants, expressionMutants, initialValueMutants } from "./expressions.ts";
import { type Mutant, type NamedMutant, nameMutants } from "./mutant.ts";
import { deleteMutants, modifierMutants } from "./statements.ts";

/** Declarations of something that has no code. */
const DATA = [
  "EventDefinition",
  "ErrorDefinition",
  "StructDefinition",
  "EnumDefinition",
  "UsingForDirective",
];

/** Every mutant of one source, in its order; whether it compiles is not known yet. */
export function candidates(source: Source, unit: AstNode): NamedMutant[] {
  const mutants: Mutant[] = constantMutants(source, unit);
  for (const visit of walk(unit)) if (isCode(visit)) mutants.push(...mutantsAt(source, visit));
  mutants.sort((a, b) => a.edit.start - b.edit.start);
  return nameMutants(source, mutants);
}

function isCode({ node, parents }: Visit): boolean {
  return [node, ...parents].every(({ nodeType, constant }) => !DATA.includes(nodeType) && constant !== true);
}

function mutantsAt(source: Source, visit: Visit): Mutant[] {
  const { node } = visit;
  const found = [
    ...conditionMutants(source, node),
    ...expressionMutants(source, visit),
    ...deleteMutants(source, visit),
  ];
  if (node.nodeType === "VariableDeclarationStatement") found.push(...initialValueMutants(source, node));
  if (node.nodeType === "ModifierInvocation") found.push(...modifierMutants(source, node));
  return found;
}
