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

export interface CreateStatement {
  text: string;
  /** name of the index that it makes; none: it makes a table */
  index?: string;
}

/** The statements that make every table of schema.ts: the schema is written once, there. */
export function createStatements(): CreateStatement[] {
  return TABLES.flatMap((table) => {
    const { name, columns, primaryKeys, indexes } = getTableConfig(table);
    const lines = columns.map(columnDdl);
    for (const key of primaryKeys) lines.push(`PRIMARY KEY (${names(key.columns)})`);
    return [
      { text: `CREATE TABLE "${name}" (${lines.join(", ")})` },
      ...indexes.map(({ config }) => {
        const index = config.name as string;
        const how = `${config.method ?? "btree"} (${names(config.columns)})`;
        return { index, text: `CREATE INDEX "${index}" ON "${name}" USING ${how}` };
      }),
    ];
  });
}
