import { type AstNode, child, spanOf, type Visit, walk } from "./ast.ts";
import { conditionOf, shortCircuitOf } from "./conditions.ts";
import { importOf, PROBES } from "./probes.ts";
import { fromBytes, type Source, statementSpan, type Wrap, weave } from "./source.ts";

/** Something of a source that runs or does not, with the probe that tells. */
export interface Probe {
  id: number;
  line: number;
  /** a statement, or one way out of a condition */
  kind: "statement" | "branch";
  /** of a branch: which condition, and which way */
  what: string;
}

/** A source with probes in it, on the lines where it was without. */
export interface Probed {
  file: string;
  content: string;
  probes: Probe[];
}

/**
 * Puts a probe before every statement, and two where code branches: an if, a loop or a ternary that goes either way, a require
 * that holds or not, the left of && and || that decides or does not; one for each way that a try ends. Assembly is one
 * statement. `next` gives numbers that no other source has.
 */
export function probe(source: Source, unit: AstNode, next: () => number): Probed {
  const wraps: Wrap[] = [];
  const probes: Probe[] = [];
  const add = (kind: Probe["kind"], offset: number, what: string): number => {
    const id = next();
    probes.push({ id, kind, line: source.lineAt(offset), what });
    return id;
  };
  for (const visit of walk(unit)) {
    if (isStatement(visit)) wraps.push(statementWrap(source, visit, add));
    const decides = conditionOf(visit.node) ?? shortCircuitOf(visit.node);
    if (decides && decides.nodeType !== "Literal") wraps.push(branchWrap(source, decides, add));
    if (visit.node.nodeType === "TryCatchClause") wraps.push(...clauseWrap(visit.node, add));
  }
  const content = fromBytes(weave(source.bytes, wraps)) + importOf(PROBES);
  return { file: source.file, content, probes };
}

type Add = (kind: Probe["kind"], offset: number, what: string) => number;

const BODIES = ["trueBody", "falseBody", "body"];

/** Does it stand in a block, or is it the body of something without one? */
function isStatement({ node, key, parents: [parent] }: Visit): boolean {
  if (!parent || ["Block", "UncheckedBlock", "PlaceholderStatement"].includes(node.nodeType)) return false;
  if (["Block", "UncheckedBlock"].includes(parent.nodeType)) return key === "statements";
  return BODIES.includes(key) && /(If|While|For)Statement$/.test(parent.nodeType);
}

function statementWrap(source: Source, { node, key }: Visit, add: Add): Wrap {
  const span = statementSpan(source, node);
  const at = `${PROBES.name}.at(${add("statement", span.start, "")});`;
  // A body without a block would end after the probe.
  const wrap =
    key === "statements" ? (inner: string) => `${at} ${inner}` : (inner: string) => `{ ${at} ${inner} }`;
  return { ...span, wrap };
}

function branchWrap(source: Source, decides: AstNode, add: Add): Wrap {
  const span = spanOf(decides);
  const code = source.slice(span).replace(/\s+/g, " ");
  const [yes, no] = [
    add("branch", span.start, `${code} is true`),
    add("branch", span.start, `${code} is false`),
  ];
  const wrap = (inner: string): string =>
    `(${inner} ? ${PROBES.name}.yes(${yes}) : ${PROBES.name}.no(${no}))`;
  return { ...span, wrap };
}

function clauseWrap(clause: AstNode, add: Add): Wrap[] {
  const block = child(clause, "block");
  if (!block) return [];
  const span = spanOf(block);
  const id = add("branch", span.start, "the try ends here");
  return [{ ...span, wrap: (inner) => `{ ${PROBES.name}.at(${id}); ${inner.slice(1)}` }];
}
