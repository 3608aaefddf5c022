import { type AstNode, child, children, type Span, spanOf, text, walk } from "../solidity/ast.ts";
import { type CompileError, read } from "../solidity/compiler.ts";
import { importOf, SWITCH } from "../solidity/probes.ts";
import { fromBytes, Source, statementSpan, toBytes, type Wrap, weave } from "../solidity/source.ts";
import type { Host, Mutant } from "./mutant.ts";

/** Mutants by their ids, which are what a switch asks for. */
export type Numbered = ReadonlyMap<number, Mutant>;

/** Gives the content of a source. */
export type Load = (file: string) => string;

/** Marks what belongs to a mutant, so that errors of the compiler find it again. */
const marked = (id: number, code: string): string => `/*<${id}*/${code}/*${id}>*/`;

/**
 * Sources that hold every mutant at once, each behind a switch: to compile takes seconds, to run the tests that reach one
 * mutant takes a fraction of one.
 */
export function schemata(
  numbered: Numbered,
  asts: ReadonlyMap<string, AstNode>,
  load: Load = read,
): Map<string, string> {
  const wraps = new Map<string, Wrap[]>();
  const add = (file: string, wrap: Wrap): void => {
    const known = wraps.get(file);
    if (known) known.push(wrap);
    else wraps.set(file, [wrap]);
  };
  for (const [id, { file, hosts }] of numbered) {
    for (const host of hosts) {
      add(file, { start: host.start, end: host.end, wrap: (inner) => switched(id, host, inner) });
    }
  }
  for (const [file, wrap] of switchedModifiers(numbered, asts, load)) add(file, wrap);
  const woven = new Map([[SWITCH.file, SWITCH.source]]);
  for (const [file, list] of wraps) {
    woven.set(file, fromBytes(weave(toBytes(load(file)), list)) + importOf(SWITCH));
  }
  return woven;
}

function switched(id: number, { kind, instead }: Host, inner: string): string {
  const on = `${SWITCH.name}.on(${id})`;
  if (kind === "expression") return marked(id, `(${on} ? (${instead}) : (${inner}))`);
  if (kind === "statement") return `{ ${marked(id, `if (${on}) { ${instead} } else`)} ${inner} }`;
  return marked(id, ownModifier(inner, id));
}

const ownModifier = (name: string, id: number): string => `${name}__${id}`;

/** Is there a switch for every host of the mutant? A modifier with variables of its own has none. */
export function isSwitchable(mutant: Mutant, asts: ReadonlyMap<string, AstNode>): boolean {
  const modifier = modifierOf(mutant);
  if (modifier === undefined) return true;
  return definitions(asts).some(({ node }) => node.id === modifier && bodyOf(node).every(isSkippable));
}

function isSkippable({ nodeType }: AstNode): boolean {
  return ["PlaceholderStatement", "ExpressionStatement", "IfStatement"].includes(nodeType);
}

/** The declaration of the modifier that the mutant takes away. */
function modifierOf({ hosts: [host] }: Mutant): number | undefined {
  return host?.kind === "modifier" ? Number(host.instead) : undefined;
}

function bodyOf(modifier: AstNode): AstNode[] {
  const body = child(modifier, "body");
  return body ? children(body, "statements") : [];
}

function definitions(asts: ReadonlyMap<string, AstNode>): { file: string; node: AstNode }[] {
  return [...asts].flatMap(([file, ast]) =>
    [...walk(ast)].flatMap(({ node }) => (node.nodeType === "ModifierDefinition" ? [{ file, node }] : [])),
  );
}

/**
 * Beside its declaration, a modifier of every mutant's own that does nothing when the mutant is on. One for all with a
 * parameter would take a place on the stack, of which some functions have none left.
 */
function switchedModifiers(
  numbered: Numbered,
  asts: ReadonlyMap<string, AstNode>,
  load: Load,
): [string, Wrap][] {
  const users = Map.groupBy(numbered.keys(), (id) => modifierOf(numbered.get(id) as Mutant));
  return definitions(asts).flatMap(({ file, node }): [string, Wrap][] => {
    const ids = users.get(node.id);
    if (!ids) return [];
    const source = new Source(file, load(file));
    const copies = ids.map((id) => switchedModifier(source, node, id)).join(" ");
    return [[file, { ...spanOf(node), wrap: (inner) => `${inner} ${copies}` }]];
  });
}

function switchedModifier(source: Source, modifier: AstNode, id: number): string {
  const guarded = bodyOf(modifier).map((statement) => {
    if (statement.nodeType === "PlaceholderStatement") return "_;";
    return `if (!${SWITCH.name}.on(${id})) { ${source.slice(statementSpan(source, statement))} }`;
  });
  return `modifier ${ownModifier(text(modifier, "name"), id)}() { ${guarded.join(" ")} }`;
}

/** Where a mutant changes the file, widened to what the compiler would call wrong with it. */
export function reach({ edit, hosts }: Mutant): Span & { text: string } {
  const [host, ...others] = hosts;
  if (!host || others.length > 0 || host.kind === "modifier") return edit;
  return { start: host.start, end: host.end, text: host.instead };
}

/** Changes the files as the mutants say, with no switch. What they reach must be apart. */
export function plainly(numbered: Numbered, load: Load = read): Map<string, string> {
  const wraps = new Map<string, Wrap[]>();
  for (const [id, mutant] of numbered) {
    const { start, end, text } = reach(mutant);
    const wrap = { start, end, wrap: () => marked(id, text) };
    wraps.set(mutant.file, [...(wraps.get(mutant.file) ?? []), wrap]);
  }
  return new Map([...wraps].map(([file, list]) => [file, fromBytes(weave(toBytes(load(file)), list))]));
}

/** The ids of the mutants that errors are about. */
export function blamed(errors: readonly CompileError[], woven: ReadonlyMap<string, string>): Set<number> {
  const ids = errors.flatMap(({ file, span }) => {
    const code = file === undefined ? undefined : woven.get(file);
    return code === undefined ? [] : nearest(toBytes(code), span);
  });
  return new Set(ids);
}

/** The innermost mutant around the place of an error, or else all within it. */
function nearest(code: string, { start, end }: Span): number[] {
  let around: number | undefined;
  const within: number[] = [];
  for (const match of code.matchAll(/\/\*<(\d+)\*\//g)) {
    const id = Number(match[1]);
    const close = code.indexOf(`/*${id}>*/`, match.index);
    if (match.index <= start && end <= close) around = id;
    else if (start <= match.index && close <= end) within.push(id);
  }
  return around === undefined ? within : [around];
}
