import { type AstNode, child, spanOf, typeOf, type Visit, walk } from "../solidity/ast.ts";
import type { Source } from "../solidity/source.ts";
import { neighbours } from "./expressions.ts";
import type { Mutant } from "./mutant.ts";

/**
 * Constants that are numbers, one higher and one lower. A switch cannot stand in a declaration, so it stands wherever the
 * file uses the constant.
 */
export function constantMutants(source: Source, unit: AstNode): Mutant[] {
  const uses = new Map<unknown, Visit[]>();
  const declared: AstNode[] = [];
  for (const visit of walk(unit)) {
    const { node } = visit;
    if (node.nodeType === "VariableDeclaration" && node.constant === true) declared.push(node);
    if (node.nodeType !== "Identifier") continue;
    const known = uses.get(node.referencedDeclaration);
    if (known) known.push(visit);
    else uses.set(node.referencedDeclaration, [visit]);
  }
  return declared.flatMap((constant) => mutantsOf(source, constant, uses.get(constant.id) ?? []));
}

function mutantsOf(source: Source, constant: AstNode, uses: Visit[]): Mutant[] {
  const value = child(constant, "value");
  const type = typeOf(constant);
  const fixed = uses.some(({ parents }) =>
    parents.some((node) => node.constant === true || node.nodeType === "InlineAssembly"),
  );
  if (!value || uses.length === 0 || fixed || !/^u?int\d+$/.test(type)) return [];
  const code = source.slice(spanOf(value));
  return neighbours(code, typeOf(value)).map((other) => ({
    file: source.file,
    operator: "constant",
    edit: { ...spanOf(value), text: other },
    hosts: uses.map(({ node }) => ({ kind: "expression", ...spanOf(node), instead: `${type}(${other})` })),
  }));
}
