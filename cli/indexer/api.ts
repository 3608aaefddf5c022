import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { QUERIES } from "#client/queries/generated.ts";
import type { ApiSettings } from "#indexer/api/settings.ts";
import type { Home } from "../config/home.ts";
import type { Config } from "../config/schema.ts";
import { cliError } from "../errors.ts";

/** Settings of the API in the words of the code. @throws ERR_CONFIG */
export async function apiSettings({ indexer }: Config, home: Home): Promise<ApiSettings> {
  const path = indexer.persisted_queries && resolve(home.root, indexer.persisted_queries);
  const own = path === undefined ? [] : await readDocuments(path);
  const documents = [...QUERIES.map(({ text }) => text), ...own];
  return {
    introspection: indexer.introspection,
    graphiql: indexer.graphiql,
    corsOrigins: indexer.cors_origins,
    requestsPerMinute: indexer.requests_per_minute,
    trustProxy: indexer.trust_proxy,
    persisted: new Map(documents.map((text) => [createHash("sha256").update(text).digest("hex"), text])),
    persistedOnly: indexer.persisted_only,
    queryTimeoutMs: indexer.query_timeout_ms,
  };
}

async function readDocuments(path: string): Promise<string[]> {
  const key = "indexer.persisted_queries";
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw cliError("ERR_CONFIG", `${key}: ${path} cannot be read as JSON`, { key }, cause);
  }
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return value;
  throw cliError("ERR_CONFIG", `${key}: ${path} must be a list of GraphQL documents`, { key });
}
