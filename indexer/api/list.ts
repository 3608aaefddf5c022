import { and, type SQL } from "drizzle-orm";
import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import type { Builder } from "./builder.ts";
import type { ChildReader } from "./children.ts";
import { createConnections } from "./connection.ts";
import type { ApiContext } from "./context.ts";
import { conditionOf, createFilters, type FilterFields, type Where } from "./filters.ts";
import { DEFAULT_PAGE, MAX_PAGE, type Order, type Page, type PageArgs, readPage } from "./page.ts";

export type Direction = "ASC" | "DESC";

/** How the rows of a table are listed. */
export interface Listing<T extends PgTable> {
  table: T;
  /** unique; what every order ends with */
  key: PgColumn[];
  /** columns by the name of the order; the first is the order unless told */
  orders: Readonly<Record<string, PgColumn[]>>;
  filters: FilterFields;
  /** it leaves rows of the table out, which no index does: a page reads past them */
  sparse?: true;
}

export interface ListArgs extends PageArgs {
  where?: Where | null | undefined;
  orderBy?: string | null | undefined;
  direction?: Direction | null | undefined;
}

/** What a field leaves to its list when the asker does not say. */
interface Defaults {
  orderBy?: string;
  direction?: Direction;
}

/** What is special about the list of a parent. */
export type ChildOf = Defaults & { parent: PgColumn };

/** Makes connection types with filters and orders, one per type of node. */
export function createLists(builder: Builder) {
  const connection = createConnections(builder);
  const filter = createFilters(builder);
  const direction = builder.enumType("Direction", {
    description: "Which end of an order a list begins with.",
    values: {
      ASC: { description: "The least first: the oldest, the smallest." },
      DESC: { description: "The greatest first: the newest, the largest." },
    } as const,
  });

  return function list<T extends PgTable>(
    ref: ReturnType<typeof builder.objectRef<T["$inferSelect"]>>,
    listing: Listing<T>,
  ) {
    const { table, filters } = listing;
    const where = filter(ref.name, filters);
    const values = Object.entries(listing.orders).map(([name, columns]) => {
      const description = orderText(totalOf(columns, listing.key));
      return [name, { description }] as const;
    });
    const orderBy = builder.enumType(`${ref.name}Order`, { values: Object.fromEntries(values) });
    const args = builder.args((t) => ({
      first: t.int({
        description: `Rows from the start of the list, or after the cursor: at most ${MAX_PAGE}; ${DEFAULT_PAGE} unless this or \`last\` is given.`,
      }),
      after: t.string({ description: "Only rows after this one: `endCursor` of the page before." }),
      last: t.int({
        description: `Rows from the end of the list, or before the cursor, still in its order: at most ${MAX_PAGE}; not with \`first\`.`,
      }),
      before: t.string({ description: "Only rows before this one: `startCursor` of the page after." }),
      where: t.field({ type: where, description: "Only rows of which all of it holds." }),
      orderBy: t.field({
        type: orderBy,
        description: `Unless given, as the field says, or by ${values[0]?.[0]}.`,
      }),
      direction: t.field({
        type: direction,
        description: "Unless given, ASC; without `orderBy`, too, as the field says, or ASC.",
      }),
    }));
    return {
      type: connection(ref, listing as unknown as Listing<PgTable>),
      args,
      /** A page; `among`: of those only; `from`: a query in place of the table, with its columns and name. */
      read(
        { db }: Pick<ApiContext, "db">,
        given: ListArgs,
        options: Defaults & { among?: SQL | undefined; from?: SQL | undefined } = {},
      ): Promise<Page<T["$inferSelect"]>> {
        const order = orderOf(listing, given, options);
        const condition = and(options.among, conditionOf(given.where, filters));
        return readPage(db, table, { where: condition, order, args: given, from: options.from });
      },
      /** The page of the rows whose `parent` is `key`. */
      child(
        { children }: { children: ChildReader },
        given: ListArgs,
        key: string | number,
        options: ChildOf,
      ): Promise<Page<T["$inferSelect"]>> {
        const { columns, ...named } = orderOf(listing, given, options);
        // one for all rows of the page: cursors of one parent then serve the others, too
        const order = { ...named, columns: columns.filter((column) => column !== options.parent) };
        const condition = () => conditionOf(given.where, filters);
        return children({ table, parent: options.parent, order, where: given.where, condition }, key, given);
      },
    };
  };
}

/** Total, and named so that a cursor of one is none of another. */
function orderOf<T extends PgTable>(
  { key, orders }: Listing<T>,
  { orderBy, direction }: ListArgs,
  defaults: Defaults,
): Order {
  const name = orderBy ?? defaults.orderBy ?? (Object.keys(orders)[0] as string);
  const descending = (direction ?? (orderBy ? "ASC" : defaults.direction)) === "DESC";
  const columns = totalOf(orders[name] as PgColumn[], key);
  return { name: descending ? `${name}-` : name, columns, descending };
}

function totalOf(columns: PgColumn[], key: PgColumn[]): PgColumn[] {
  return [...new Set([...columns, ...key])];
}

/** What columns are to a reader, where that is not their name. */
const SAID: Readonly<Record<string, string>> = {
  logIndex: "place in the L2 block",
  position: "place in the block",
  orderedReputation: "reputation, as if it were -1 where there is none",
};

function orderText(columns: PgColumn[]): string {
  return `By ${columns.map(({ name }) => SAID[name] ?? name).join(", then ")}.`;
}
