import type { SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Database } from "../store/database.ts";
import { exactText } from "./exact-text.ts";
import type { Where } from "./filters.ts";
import { createLoader } from "./loaders.ts";
import { type Order, type Page, type PageArgs, readChildPages } from "./page.ts";

/** A list that every row of another type has. */
export interface Children<T extends PgTable> {
  table: T;
  /** column that names the parent */
  parent: PgColumn;
  order: Order;
  /** as it was asked for */
  where: Where | null | undefined;
  /** what that means */
  condition: () => SQL | undefined;
}

/** Reads nested lists: one query for the same field of all the parents in a page, instead of one for each. */
export function createChildReader(db: Database) {
  const loaders = new Map<string, (key: string | number) => Promise<Page<unknown> | undefined>>();
  return async function readChildren<T extends PgTable>(
    { table, parent, order, where, condition }: Children<T>,
    key: string | number,
    args: PageArgs,
  ): Promise<Page<T["$inferSelect"]>> {
    const page = [args.first, args.after, args.last, args.before].map((arg) => arg ?? null);
    const asked = [parent.uniqueName, order.name, ...page, where ?? null];
    const id = exactText(asked);
    const loader =
      loaders.get(id) ??
      createLoader(
        (parents: (string | number)[]) =>
          readChildPages(db, table, { parent, parents, order, args, where: condition() }) as Promise<
            Map<string | number, Page<unknown>>
          >,
      );
    loaders.set(id, loader);
    const read = await loader(key);
    if (!read) throw new Error("a page was not read");
    return read as Page<T["$inferSelect"]>;
  };
}

export type ChildReader = ReturnType<typeof createChildReader>;
