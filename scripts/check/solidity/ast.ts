/** A node of solc's syntax tree; what else it has depends on its kind. */
export interface AstNode {
  readonly id: number;
  readonly nodeType: string;
  /** "start:length:file", in bytes */
  readonly src: string;
  readonly [key: string]: unknown;
}

/** Bytes `start` to `end` (exclusive) of one source. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

export function spanOf(node: AstNode): Span {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

/** The child under `key`, if it is one node. */
export function child(node: AstNode, key: string): AstNode | undefined {
  const value = node[key];
  return isNode(value) ? value : undefined;
}

/** The children under `key`, in order; without the holes that tuples have. */
export function children(node: AstNode, key: string): AstNode[] {
  const value = node[key];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

export function text(node: AstNode, key: string): string {
  const value = node[key];
  return typeof value === "string" ? value : "";
}

/** The type that the compiler gave an expression, or "". */
export function typeOf(node: AstNode): string {
  const types = node.typeDescriptions;
  if (typeof types !== "object" || types === null || !("typeString" in types)) return "";
  return typeof types.typeString === "string" ? types.typeString : "";
}

/** A node with the nodes around it, innermost first, and where it hangs in the innermost. */
export interface Visit {
  node: AstNode;
  parents: readonly AstNode[];
  key: string;
}

/** Every node below `root` and itself, parents before children, in the order of the source. Assembly is one node. */
export function* walk(root: AstNode): Generator<Visit> {
  const open: Visit[] = [{ node: root, parents: [], key: "" }];
  for (let visit = open.pop(); visit; visit = open.pop()) {
    yield visit;
    if (visit.node.nodeType === "InlineAssembly") continue;
    open.push(...below(visit));
  }
}

function below({ node, parents }: Visit): Visit[] {
  const found: Visit[] = [];
  for (const [key, value] of Object.entries(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (isNode(inner)) found.push({ node: inner, parents: [node, ...parents], key });
    }
  }
  // The stack is popped from its end.
  return found.sort((a, b) => spanOf(b.node).start - spanOf(a.node).start);
}
