import { Client } from "pg";
import { FlkError } from "#protocol/errors/error.ts";

/** What both indexers write: the columns that stand for an event, and those that order them. */
const TABLES = {
  accounts: { columns: ["address", "deposits", "claimedStable", "claimedFlk"], keys: 1 },
  deposits: { columns: ["block", "logIndex", "txHash", "account", "from", "amount", "total"], keys: 2 },
  claims: {
    columns: ["block", "logIndex", "txHash", "account", "payee", "stable", "flk", "cumulativeStable"],
    keys: 2,
  },
  nodes: { columns: ["id", "owner", "endpoints", "stake", "thawing", "slashed", "lockedUntil"], keys: 1 },
  services: { columns: ["id", "owner", "metadataUri"], keys: 1 },
  prices: { columns: ["service", "commodity", "price"], keys: 2 },
  parameters: { columns: ["key", "value"], keys: 1 },
} as const;

interface Digest {
  count: number;
  digest: string | null;
}

/** Compares the tables of two databases row by row. @returns rows in all. @throws ERR_BENCH_ROWS naming the table that differs */
export async function compareRows(oursUrl: string, theirsUrl: string): Promise<number> {
  const ours = await digests(oursUrl, "flk\\_%", (name) => name);
  const theirs = await digests(theirsUrl, "bench", snake);
  let rows = 0;
  for (const table of Object.keys(TABLES)) {
    const [a, b] = [ours[table], theirs[table]];
    if (a?.count !== b?.count || a?.digest !== b?.digest) {
      throw new FlkError("ERR_BENCH_ROWS", `${table} differ: ${a?.count} rows here, ${b?.count} of the peer`);
    }
    rows += a?.count ?? 0;
  }
  return rows;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

async function digests(
  url: string,
  schemaLike: string,
  columnOf: (name: string) => string,
): Promise<Record<string, Digest>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const schemas = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE $1", [
      schemaLike,
    ]);
    const schema: string = schemas.rows[0].nspname;
    const found: Record<string, Digest> = {};
    for (const [table, { columns, keys }] of Object.entries(TABLES)) {
      const names = columns.map((name) => `"${columnOf(name)}"`);
      const row = `concat_ws('|', ${names.map((name) => `${name}::text`).join(", ")})`;
      const order = names.slice(0, keys).join(", ");
      const { rows } = await client.query(
        `SELECT count(*)::integer AS count, md5(string_agg(${row}, ',' ORDER BY ${order})) AS digest FROM "${schema}"."${table}"`,
      );
      found[table] = rows[0];
    }
    return found;
  } finally {
    await client.end();
  }
}
