import { type AstNode, type Span, spanOf } from "./ast.ts";

/**
 * A source as the compiler counts it. Every character of `bytes` is one byte of the UTF-8 text, so that the offsets of
 * the syntax tree are offsets of this string.
 */
export class Source {
  readonly file: string;
  readonly bytes: string;

  constructor(file: string, content: string) {
    this.file = file;
    this.bytes = toBytes(content);
  }

  slice({ start, end }: Span): string {
    return this.bytes.slice(start, end);
  }

  /** From 1. */
  lineAt(offset: number): number {
    let line = 1;
    for (let i = this.bytes.indexOf("\n"); i !== -1 && i < offset; i = this.bytes.indexOf("\n", i + 1))
      line++;
    return line;
  }
}

/** A statement with its semicolon, which the compiler leaves out. */
export function statementSpan(source: Source, node: AstNode): Span {
  const { start, end } = spanOf(node);
  const semicolon = /^\s*;/.exec(source.bytes.slice(end, end + 80));
  return { start, end: end + (semicolon?.[0].length ?? 0) };
}

export function toBytes(content: string): string {
  return Buffer.from(content, "utf8").toString("latin1");
}

export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Replaces what is at `span` by a function of it, in which narrower wraps are done already. */
export interface Wrap extends Span {
  wrap(inner: string): string;
}

/**
 * `bytes` with every wrap in place. Spans nest or are apart; of two with the same span the first is the outer one.
 * @throws RangeError when two overlap
 */
export function weave(bytes: string, wraps: readonly Wrap[]): string {
  const ordered = wraps
    .map((wrap, order) => ({ wrap, order }))
    .sort((a, b) => a.wrap.start - b.wrap.start || b.wrap.end - a.wrap.end || a.order - b.order)
    .map(({ wrap }) => wrap);
  let next = 0;
  const upTo = (start: number, end: number): string => {
    let done = "";
    let at = start;
    for (let wrap = ordered[next]; wrap && wrap.start < end; wrap = ordered[next]) {
      if (wrap.end > end)
        throw new RangeError(`${wrap.start}-${wrap.end} leaves what is around it, up to ${end}`);
      next++;
      done += bytes.slice(at, wrap.start) + wrap.wrap(upTo(wrap.start, wrap.end));
      at = wrap.end;
    }
    return done + bytes.slice(at, end);
  };
  return upTo(0, bytes.length);
}
