import {
  type AstNode,
  child,
  children,
  type Span,
  spanOf,
  text,
  typeOf,
  type Visit,
} from "../solidity/ast.ts";
import { conditionOf } from "../solidity/conditions.ts";
import type { Source } from "../solidity/source.ts";
import type { Mutant, Operator } from "./mutant.ts";

const ARITHMETIC: Record<string, string[]> = {
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "<<": [">>"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
};
const COMPARISON: Record<string, string[]> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "==": ["!="],
  "!=": ["=="],
};
const BOOLEAN: Record<string, string[]> = { "&&": ["||"], "||": ["&&"] };
const BINARY: [Operator, Record<string, string[]>][] = [
  ["arithmetic", ARITHMETIC],
  ["comparison", COMPARISON],
  ["boolean", BOOLEAN],
];
const UNARY: Record<string, string> = { "++": "--", "--": "++", "!": "", "-": "", "~": "" };

/** Mutants of the expression that is visited. */
export function expressionMutants(source: Source, visit: Visit): Mutant[] {
  if (isFixed(visit)) return [];
  switch (visit.node.nodeType) {
    case "BinaryOperation":
      return [...binary(source, visit.node), ...literal(source, visit)];
    case "UnaryOperation":
      return [...unary(source, visit.node), ...literal(source, visit)];
    case "Assignment":
      return assignment(source, visit.node);
    case "Literal":
    case "TupleExpression":
      return literal(source, visit);
    case "FunctionCall":
      return swapped(source, visit.node);
    default:
      return [];
  }
}

/** Conditions that are always true and always false, of everything that branches on the node. */
export function conditionMutants(source: Source, node: AstNode): Mutant[] {
  const condition = conditionOf(node);
  if (!condition || condition.nodeType === "Literal") return [];
  const span = spanOf(condition);
  const values =
    node.nodeType.endsWith("WhileStatement") || node.nodeType === "ForStatement"
      ? ["false"]
      : ["true", "false"];
  return values.map((value) => replace(source, "condition", span, value));
}

/** A local variable that keeps the default of its type. */
export function initialValueMutants(source: Source, node: AstNode): Mutant[] {
  const value = child(node, "initialValue");
  const [variable, ...others] = children(node, "declarations");
  if (!value || !variable || others.length > 0) return [];
  const zero = zeroOf(typeOf(variable));
  const code = source.slice(spanOf(value));
  if (zero === undefined || code === zero || code === "0") return [];
  return [replace(source, "initial value", spanOf(value), zero)];
}

function zeroOf(type: string): string | undefined {
  if (/^u?int\d+$/.test(type)) return "0";
  if (/^bytes\d+$/.test(type) || type === "address") return `${type}(0)`;
  return type === "bool" ? "false" : undefined;
}

/** The compiler knows the value: its parts are no code of their own. */
function isConstant(node: AstNode | undefined): boolean {
  return node !== undefined && /^(int_const|rational_const)/.test(typeOf(node));
}

/** A part of a constant, which is changed as a whole, or of a type. */
function isFixed({ node, parents: [parent] }: Visit): boolean {
  if (parent?.nodeType === "ArrayTypeName") return true;
  return isConstant(node) && isConstant(parent);
}

function binary(source: Source, node: AstNode): Mutant[] {
  const [left, right] = [child(node, "leftExpression"), child(node, "rightExpression")];
  if (!left || !right || isConstant(node)) return [];
  return BINARY.flatMap(([operator, table]) =>
    (table[text(node, "operator")] ?? []).map((other) =>
      replace(
        source,
        operator,
        spanOf(node),
        `${source.slice(spanOf(left))} ${other} ${source.slice(spanOf(right))}`,
      ),
    ),
  );
}

function unary(source: Source, node: AstNode): Mutant[] {
  const sub = child(node, "subExpression");
  const other = UNARY[text(node, "operator")];
  if (!sub || other === undefined || isConstant(node)) return [];
  const code = source.slice(spanOf(sub));
  return [
    replace(source, "unary", spanOf(node), node.prefix === true ? `${other}${code}` : `${code}${other}`),
  ];
}

function assignment(source: Source, node: AstNode): Mutant[] {
  const [left, right] = [child(node, "leftHandSide"), child(node, "rightHandSide")];
  const operator = text(node, "operator").slice(0, -1);
  if (!left || !right || operator === "") return [];
  const others = [...(ARITHMETIC[operator] ?? []).map((other) => `${other}=`), "="];
  return others.map((other) =>
    replace(
      source,
      "assignment",
      spanOf(node),
      `${source.slice(spanOf(left))} ${other} ${source.slice(spanOf(right))}`,
    ),
  );
}

/** A number one higher and one lower, and the other truth value. */
function literal(source: Source, { node, parents: [parent] }: Visit): Mutant[] {
  const span = spanOf(node);
  const code = source.slice(span);
  if (node.nodeType === "Literal" && text(node, "kind") === "bool") {
    return [replace(source, "literal", span, code === "true" ? "false" : "true")];
  }
  if (!isConstant(node) || isConversion(parent)) return [];
  // Beside an expression with a type the number takes that type, which a choice of two numbers would not.
  const host = parent?.nodeType === "BinaryOperation" ? spanOf(parent) : span;
  return neighbours(code, typeOf(node)).map((other) => replace(source, "literal", span, other, host));
}

/** The numbers beside `code`, a constant expression of the given type. */
export function neighbours(code: string, type: string): string[] {
  if (type === "int_const 0") return ["1"];
  if (!/^[\d_]+$/.test(code)) return [`(${code} + 1)`, `(${code} - 1)`];
  const value = BigInt(code.replaceAll("_", ""));
  return [String(value + 1n), String(value - 1n)];
}

/** `address(0)`, `bytes32(0)`: conditions around them are mutated, and no neighbour of nothing is more telling. */
function isConversion(node: AstNode | undefined): boolean {
  return node?.nodeType === "FunctionCall" && text(node, "kind") === "typeConversion";
}

/** Math.min and Math.max: their arguments have no order. */
function isSymmetric(call: AstNode): boolean {
  const called = child(call, "expression");
  return called !== undefined && ["min", "max"].includes(text(called, "memberName"));
}

/** Neighbouring arguments of the same type in each other's place. */
function swapped(source: Source, node: AstNode): Mutant[] {
  const list = children(node, "arguments");
  const named = Array.isArray(node.names) && node.names.length > 0;
  if (named || isConversion(node) || isSymmetric(node)) return [];
  return list.slice(1).flatMap((second, i) => {
    const first = list[i];
    if (!first || typeOf(first) !== typeOf(second) || isConstant(first)) return [];
    const [a, b] = [spanOf(first), spanOf(second)];
    const [codeA, codeB] = [source.slice(a), source.slice(b)];
    if (codeA === codeB) return [];
    const between = source.slice({ start: a.end, end: b.start });
    const hosts = [
      { kind: "expression" as const, ...a, instead: codeB },
      { kind: "expression" as const, ...b, instead: codeA },
    ];
    const edit = { start: a.start, end: b.end, text: `${codeB}${between}${codeA}` };
    return [{ file: source.file, operator: "arguments" as const, edit, hosts }];
  });
}

/** A mutant that puts `text` at `span`, switched where `around` is. */
function replace(source: Source, operator: Operator, span: Span, text: string, around: Span = span): Mutant {
  const instead =
    source.slice({ start: around.start, end: span.start }) +
    text +
    source.slice({ start: span.end, end: around.end });
  return {
    file: source.file,
    operator,
    edit: { start: span.start, end: span.end, text },
    hosts: [{ kind: "expression", start: around.start, end: around.end, instead }],
  };
}
