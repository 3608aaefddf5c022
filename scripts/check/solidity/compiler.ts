import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { FlkError } from "#protocol/errors/error.ts";
import { ROOT } from "#scripts/deploy/hardhat.ts";
import type { AstNode, Span } from "./ast.ts";

/** What this folder uses of the npm package, which has no types. */
interface Solc {
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string;
}

interface Problem {
  severity: string;
  message: string;
  formattedMessage: string;
  sourceLocation?: Span & { file: string };
}

/** A contract as the compiler gives it, of those that were asked for. */
export interface CompiledContract {
  abi: { type: string; name?: string }[];
  evm: { bytecode: CompiledCode; deployedBytecode: CompiledCode };
}

interface CompiledCode {
  object: string;
  linkReferences: Record<string, Record<string, { start: number; length: number }[]>>;
}

interface Output {
  errors?: Problem[];
  sources: Record<string, { ast: AstNode }>;
  contracts: Record<string, Record<string, CompiledContract>>;
}

export interface Compilation {
  /** by source; empty when only code was asked for */
  asts: Map<string, AstNode>;
  /** by source, then name; empty when only syntax trees were asked for */
  contracts: Record<string, Record<string, CompiledContract>>;
  /** an empty list, or neither trees nor code are complete */
  errors: CompileError[];
}

export interface CompileError {
  message: string;
  file: string | undefined;
  span: Span;
}

export type Want = "ast" | "code";

const CODE = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object"];
const SELECTION = { ast: { "*": { "": ["ast"] } }, code: { "*": { "*": CODE } } };

let loaded: Solc | undefined;

function compiler(): Solc {
  // Loading it takes half a second, which somebody who asked for help need not wait for.
  loaded ??= createRequire(import.meta.url)("solc") as Solc;
  return loaded;
}

/** Paths of our sources that `patterns` name, sorted, as the compiler is given them. */
export function solidityFiles(...patterns: string[]): string[] {
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort();
}

/** Every Solidity test with what it imports. */
export const TEST_FILES = "test/contracts/**/*.t.sol";

/**
 * Compiles `files` and what they import in this process; `replaced` has the content of sources that are not as on the
 * disk. The optimizer stays off: it takes three quarters of the time, and tests here ask what code does, not what it costs.
 */
export function compile(
  files: string[],
  want: Want,
  replaced: ReadonlyMap<string, string> = new Map(),
): Compilation {
  const sources = Object.fromEntries(
    files.map((file) => [file, { content: replaced.get(file) ?? read(file) }]),
  );
  const settings = {
    evmVersion: "prague",
    optimizer: { enabled: false },
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: SELECTION[want],
  };
  const input = JSON.stringify({ language: "Solidity", sources, settings });
  const found = (path: string) => {
    try {
      return { contents: replaced.get(path) ?? read(path) };
    } catch {
      return { error: `no file ${path}` };
    }
  };
  const output = JSON.parse(compiler().compile(input, { import: found })) as Output;
  return {
    asts: new Map(Object.entries(output.sources ?? {}).map(([file, { ast }]) => [file, ast])),
    contracts: output.contracts ?? {},
    errors: (output.errors ?? []).filter(({ severity }) => severity === "error").map(toError),
  };
}

/** As {compile}, where an error of the compiler is nobody's plan. @throws ERR_SOLIDITY */
export function mustCompile(...args: Parameters<typeof compile>): Compilation {
  const compilation = compile(...args);
  const [error] = compilation.errors;
  if (error) throw new FlkError("ERR_SOLIDITY", error.message);
  return compilation;
}

function toError({ formattedMessage, sourceLocation }: Problem): CompileError {
  const { file, start, end } = sourceLocation ?? { file: undefined, start: -1, end: -1 };
  return { message: formattedMessage, file, span: { start, end } };
}

/** A source of ours, or of a package. */
export function read(path: string): string {
  const folder = path.startsWith("@") ? "node_modules" : ".";
  return readFileSync(join(ROOT, folder, path), "utf8");
}
