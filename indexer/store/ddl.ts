import { getTableConfig, type PgColumn } from "drizzle-orm/pg-core";
import { TABLES } from "./schema.ts";

function columnDdl(column: PgColumn): string {
  const parts = [`"${column.name}"`, column.getSQLType()];
  if (column.primary) parts.push("PRIMARY KEY");
  if (column.notNull) parts.push("NOT NULL");
  if (column.default !== undefined) parts.push(`DEFAULT ${String(column.default)}`);
  return parts.join(" ");
}

function names(columns: readonly object[]): string {
  return columns.map((column) => `"${(column as { name: string }).name}"`).join(", ");
}

/** The statements that make every table of schema.ts: the schema is written once, there. */
export function createStatements(): string[] {
  return TABLES.flatMap((table) => {
    const { name, columns, primaryKeys, indexes } = getTableConfig(table);
    const lines = columns.map(columnDdl);
    for (const key of primaryKeys) lines.push(`PRIMARY KEY (${names(key.columns)})`);
    return [
      `CREATE TABLE "${name}" (${lines.join(", ")})`,
      ...indexes.map(
        ({ config }) =>
          `CREATE INDEX "${config.name}" ON "${name}" USING ${config.method ?? "btree"} (${names(config.columns)})`,
      ),
    ];
  });
}
