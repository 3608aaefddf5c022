import { type AstNode, child, children, text } from "./ast.ts";

/** What decides which way an if, a loop, a ternary or a require goes. */
export function conditionOf(node: AstNode): AstNode | undefined {
  if (node.nodeType !== "FunctionCall") return child(node, "condition");
  return callsBuiltin(node, "require") ? children(node, "arguments")[0] : undefined;
}

/** What decides whether the other operand of && and || is asked. */
export function shortCircuitOf(node: AstNode): AstNode | undefined {
  const shortens = node.nodeType === "BinaryOperation" && ["&&", "||"].includes(text(node, "operator"));
  return shortens ? child(node, "leftExpression") : undefined;
}

function callsBuiltin(call: AstNode, name: string): boolean {
  const called = child(call, "expression");
  return called?.nodeType === "Identifier" && text(called, "name") === name;
}
