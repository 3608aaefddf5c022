import type { PgTable } from "drizzle-orm/pg-core";
import type { Builder } from "./builder.ts";
import type { Listing } from "./list.ts";
import type { Edge, Page } from "./page.ts";

/** Makes the Relay types of a list, with `nodes` as a shortcut past the edges. */
export function createConnections(builder: Builder) {
  const pageInfo = builder.objectRef<Page<unknown>>("PageInfo").implement({
    fields: (t) => ({
      hasNextPage: t.exposeBoolean("hasNextPage"),
      hasPreviousPage: t.exposeBoolean("hasPreviousPage"),
      startCursor: t.string({ nullable: true, resolve: (page) => page.edges[0]?.cursor ?? null }),
      endCursor: t.string({ nullable: true, resolve: (page) => page.edges.at(-1)?.cursor ?? null }),
    }),
  });

  return function connection<Row extends object>(
    node: ReturnType<typeof builder.objectRef<Row>>,
    listing: Listing<PgTable>,
  ) {
    const plain = node as unknown as ReturnType<typeof builder.objectRef<object>>;
    const edge = builder.objectRef<Edge<object>>(`${node.name}Edge`).implement({
      fields: (t) => ({
        cursor: t.exposeString("cursor"),
        node: t.field({ type: plain, resolve: (row) => row.node }),
      }),
    });
    const page = builder.objectRef<Page<object>>(`${node.name}Connection`);
    page.implement({
      extensions: { listing },
      fields: (t) => ({
        edges: t.field({ type: [edge], resolve: (value) => value.edges }),
        nodes: t.field({ type: [plain], resolve: (value) => value.edges.map((item) => item.node) }),
        pageInfo: t.field({ type: pageInfo, resolve: (value) => value }),
        totalCount: t.int({
          description: "Rows of the list on all its pages, by its filter, as they are now.",
          resolve: (value) => value.totalCount(),
        }),
      }),
    });
    return page as unknown as ReturnType<typeof builder.objectRef<Page<Row>>>;
  };
}
