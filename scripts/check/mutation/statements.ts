import { type AstNode, child, children, spanOf, typeOf, type Visit } from "../solidity/ast.ts";
import { type Source, statementSpan } from "../solidity/source.ts";
import type { Mutant } from "./mutant.ts";

const DELETED = ["ExpressionStatement", "EmitStatement", "RevertStatement", "Return", "Break", "Continue"];

/** The statement is gone. */
export function deleteMutants(source: Source, { node, parents, key }: Visit): Mutant[] {
  if (!DELETED.includes(node.nodeType)) return [];
  const [parent] = parents;
  // The head of a for loop is no place for a switch.
  if (!parent || key === "initializationExpression" || key === "loopExpression") return [];
  if (isGuarded(node, parents) || setsPointer(node, parents)) return [];
  const span = statementSpan(source, node);
  const edit = { ...span, text: "{}" };
  return [
    { file: source.file, operator: "delete", edit, hosts: [{ kind: "statement", ...span, instead: "" }] },
  ];
}

/** All that an if without else does: the same as a condition that is never true. */
function isGuarded(node: AstNode, [parent, outer]: readonly AstNode[]): boolean {
  const body = parent?.nodeType === "Block" && children(parent, "statements").length === 1 ? outer : parent;
  return body?.nodeType === "IfStatement" && !child(body, "falseBody") && node.nodeType === "RevertStatement";
}

/** Nothing else gives a storage or calldata pointer its place: the compiler refuses functions in which nothing does. */
function setsPointer(node: AstNode, parents: readonly AstNode[]): boolean {
  const isPointer = (type: string): boolean => / (storage pointer|calldata)$/.test(type);
  if (node.nodeType === "Return") {
    const results = parents.map((parent) => child(parent, "returnParameters")).find((found) => found);
    return (
      results !== undefined && children(results, "parameters").some((result) => isPointer(typeOf(result)))
    );
  }
  const target = child(child(node, "expression") ?? node, "leftHandSide");
  return target?.nodeType === "Identifier" && isPointer(typeOf(target));
}

/** A modifier without arguments is gone from a function. */
export function modifierMutants(source: Source, node: AstNode): Mutant[] {
  const name = child(node, "modifierName");
  if (node.kind !== "modifierInvocation" || !name || children(node, "arguments").length > 0) return [];
  const declaration = name.referencedDeclaration;
  if (typeof declaration !== "number") return [];
  const span = spanOf(node);
  const host = { kind: "modifier" as const, ...span, instead: String(declaration) };
  return [{ file: source.file, operator: "modifier", edit: { ...span, text: "" }, hosts: [host] }];
}
