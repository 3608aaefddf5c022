import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Method } from "#node/rpc/method.ts";
import { CHAIN_METHODS } from "#node/rpc/methods-chain.ts";
import { STATE_METHODS } from "#node/rpc/methods-state.ts";
import type { Schema } from "#node/rpc/schemas.ts";
import { ROOT } from "../deploy/hardhat.ts";

const TARGET = join(ROOT, "docs", "spec", "rpc.md");

const HEAD = `# JSON-RPC of a node

Written by \`npm run generate\` from the methods in \`node/rpc\`; \`rpc.discover\` answers the same as an OpenRPC document with JSON schemas.

A node answers JSON-RPC 2.0 over HTTP POST at \`rpc.host\`:\`rpc.port\` ([config.md](../operations/config.md)), one request or a batch of at most 100, parameters by position or by name.
\`amount\` is a decimal string in base units (stablecoin: micro-USD; stake and FLK: wei), \`hex\` bytes as lower-case 0x hex, and \`?\` marks what may be left out. Names are in snake_case.
Reads are of the last committed block.

| beside it | answers |
| --- | --- |
| \`GET /health\` | 200 while the process runs |
| \`GET /ready\` | 200, or 503 and why what is answered may be old |
| \`GET /version\` | the version |
| \`GET /v1/epochs/{e}/report\` | SSZ of the EpochReport; 404 while the epoch has not closed here |

Every method may answer with these; the code is in \`error.data.code\`, \`error.code\` is the number. What they mean, and what to do, is in [errors.md](../operations/errors.md).

| number | codes |
| --- | --- |
| -32700 | \`ERR_RPC_PARSE\` |
| -32600 | \`ERR_RPC_INVALID_REQUEST\`, \`ERR_RPC_BATCH_TOO_LARGE\`, \`ERR_RPC_BODY_TOO_LARGE\` (HTTP 413) |
| -32601 | \`ERR_RPC_UNKNOWN_METHOD\` |
| -32602 | \`ERR_RPC_INVALID_PARAMS\` |
| -32603 | \`ERR_INTERNAL\` |
| -32000 | \`ERR_RPC_BUSY\` (HTTP 503), \`ERR_RPC_ANSWER_TOO_LARGE\`, \`ERR_NOT_STARTED\`, and those of the method |

## Through an indexer

\`POST /rpc\` of an indexer passes on what the explorer's wallet needs, one call at a time: \`flk_get_account_info\`, \`flk_get_epoch_report\`, \`flk_get_receipt\`,
\`flk_get_settlement_certificate\` and \`flk_send_txn\`. Beside what the node answers there are \`ERR_RELAY_REFUSED\` (HTTP 400, or 408 when the call took too long to come in),
\`ERR_RELAY_BUSY\` (503) and \`ERR_NODE_UNREACHABLE\` (502).
`;

/** What a schema describes, as short as it can be read. */
function shape(schema: Schema): string {
  if (Array.isArray(schema.oneOf)) return schema.oneOf.map((one) => shape(one as Schema)).join(" or ");
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.type === "array")
    return Array.isArray(schema.prefixItems)
      ? `[${schema.prefixItems.map((item) => shape(item as Schema)).join(", ")}]`
      : `[${shape(schema.items as Schema)}]`;
  if (schema.type === "object") {
    const { properties, additionalProperties } = schema;
    if (!properties) return `{name: ${shape(additionalProperties as Schema)}}`;
    const named = Object.entries(properties).map(([name, value]) => `${name}: ${shape(value as Schema)}`);
    return `{${named.join(", ")}}`;
  }
  if (typeof schema.pattern === "string") return schema.pattern.startsWith("^0x") ? "hex" : "amount";
  return String(schema.type);
}

function parameters(method: Method): string {
  const all = Object.entries(method.params).map(([name, type]) => {
    const what = typeof type.schema.description === "string" ? `, ${type.schema.description}` : "";
    const { enum: names } = type.schema;
    const form = Array.isArray(names)
      ? "one of those in the answer, in camelCase"
      : shape(type.schema) + what;
    return `\`${name}${"optional" in type ? "?" : ""}\` (${form})`;
  });
  return all.length === 0 ? "none" : all.join(", ");
}

function section(method: Method): string {
  const lines = [
    `### \`${method.name}\``,
    "",
    `${method.summary}.`,
    "",
    `- parameters: ${parameters(method)}`,
    `- result: \`${shape(method.result)}\``,
  ];
  if (method.errors) lines.push(`- errors: ${method.errors.map((code) => `\`${code}\``).join(", ")}`);
  return lines.join("\n");
}

/** The page, as it follows from the methods. */
function generate(): string {
  const sections = (methods: readonly Method[]) => methods.map(section).join("\n\n");
  const parts = [HEAD, "## Chain\n", `${sections(CHAIN_METHODS)}\n`, "## State\n", sections(STATE_METHODS)];
  return `${parts.join("\n")}\n`;
}

const args = process.argv.slice(2);
const fresh = generate();
if (args.length === 0) await writeFile(TARGET, fresh);
else if (args.length === 1 && args[0] === "--check") {
  if ((await readFile(TARGET, "utf8").catch(() => "")) !== fresh) {
    console.error("docs/spec/rpc.md is stale. Run `npm run generate`.");
    process.exitCode = 1;
  }
} else {
  console.error("usage: node scripts/generate/rpc.ts [--check]");
  process.exitCode = 2;
}
