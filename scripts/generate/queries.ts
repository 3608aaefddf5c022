import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print, printSchema } from "graphql";
import { createSchema } from "#indexer/api/schema.ts";
import { ROOT } from "../deploy/hardhat.ts";

const FOLDER = join(ROOT, "client", "queries");
const SOURCE = join(FOLDER, "documents.graphql");
const TARGET = join(FOLDER, "generated.ts");
/** As they come over JSON: amounts are exact decimal strings. */
const SCALARS = {
  Address: "string",
  Hex: "string",
  USDC: "string",
  FLK: "string",
  Units: "string",
  Counter: "number",
};

/** What the generator says of itself, and a type for @defer, which nothing of ours uses. */
const INTERNAL = "/** Internal type. DO NOT USE DIRECTLY. */\n";
const INCREMENTAL = /export type Incremental<T> = .*\n/;

const config = {
  ...{ strictScalars: true, scalars: SCALARS, immutableTypes: true, enumType: "string-literal" },
  ...{ skipTypename: true, avoidOptionals: { field: true } },
};

async function types(document: DocumentNode): Promise<string> {
  const schema = createSchema();
  return codegen({
    schema: parse(printSchema(schema)),
    schemaAst: schema,
    documents: [{ location: SOURCE, document }],
    filename: TARGET,
    plugins: [{ operations: {} }],
    pluginMap: { operations },
    config,
  });
}

function constant(operation: OperationDefinitionNode): string {
  const name = operation.name?.value;
  const text = print(operation);
  const sha256 = createHash("sha256").update(text).digest("hex");
  return `export const ${name}: IndexerQuery<${name}Query, ${name}QueryVariables> = { text: \`${text}\`, sha256: "${sha256}" };`;
}

/** The typed queries, as they follow from the documents and the schema. */
async function generate(): Promise<string> {
  const document = parse(await readFile(SOURCE, "utf8"));
  const queries = document.definitions.filter((item) => item.kind === Kind.OPERATION_DEFINITION);
  const text = [
    'import type { IndexerQuery } from "./indexer-client.ts";',
    "// Generated from documents.graphql and the schema of the indexer by `npm run generate`.",
    (await types(document)).replaceAll(INTERNAL, "").replace(INCREMENTAL, ""),
    ...queries.map(constant),
    `export const QUERIES = [${queries.map(({ name }) => name?.value).join(", ")}] as const;`,
  ].join("\n\n");
  return formatted(text);
}

function formatted(text: string): string {
  const args = ["check", "--write", "--stdin-file-path", TARGET];
  const { status, stdout, stderr } = spawnSync("biome", args, { input: text, encoding: "utf8", cwd: ROOT });
  if (status !== 0) throw new Error(`biome does not take what was generated: ${stderr}`);
  return stdout;
}

const args = process.argv.slice(2);
const fresh = await generate();
if (args.length === 0) await writeFile(TARGET, fresh);
else if (args.length === 1 && args[0] === "--check") {
  if ((await readFile(TARGET, "utf8").catch(() => "")) !== fresh) {
    console.error("client/queries/generated.ts is stale. Run `npm run generate`.");
    process.exitCode = 1;
  }
} else {
  console.error("usage: node scripts/generate/queries.ts [--check]");
  process.exitCode = 2;
}
