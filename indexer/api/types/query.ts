import { and, desc, eq, type SQL } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import {
  accounts,
  blocks,
  epochs,
  lots,
  nodes,
  proposals,
  sessions,
  transactions,
} from "../../store/schema.ts";
import { accountsAt, nodesAt } from "../at-epoch.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { columnsFrom } from "../page.ts";
import type { Refs } from "../refs.ts";

export const AT_EPOCH = "As at the close of this epoch.";

async function first<Row>(rows: PromiseLike<Row[]>): Promise<Row | undefined> {
  return (await rows)[0];
}

/** The row of a source that stands for `table`. */
async function rowAt<T extends PgTable>(
  { db }: Pick<ApiContext, "db">,
  table: T,
  from: SQL,
  where: SQL,
): Promise<T["$inferSelect"] | undefined> {
  return first(db.select(columnsFrom(table)).from(from).where(where)) as Promise<
    T["$inferSelect"] | undefined
  >;
}

export function addSingles(builder: Builder, refs: Refs): void {
  addParties(builder, refs);
  addChainSingles(builder, refs);
  addGovernanceSingles(builder, refs);
}

function addParties(builder: Builder, refs: Refs): void {
  builder.queryFields((t) => ({
    account: t.field({
      type: refs.account,
      nullable: true,
      args: {
        address: t.arg({ type: "Address", required: true }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, { address, atEpoch }, context) =>
        typeof atEpoch === "number"
          ? rowAt(context, accounts, await accountsAt(context.db, atEpoch), eq(accounts.address, address))
          : context.loaders.account(address),
    }),
    node: t.field({
      type: refs.node,
      nullable: true,
      args: { id: t.arg.int({ required: true }), atEpoch: t.arg.int({ description: AT_EPOCH }) },
      resolve: async (_, { id, atEpoch }, context) =>
        typeof atEpoch === "number"
          ? rowAt(context, nodes, await nodesAt(context.db, atEpoch), eq(nodes.id, id))
          : context.loaders.node(id),
    }),
    session: t.field({
      type: refs.session,
      nullable: true,
      args: {
        account: t.arg({ type: "Address", required: true }),
        key: t.arg({ type: "Hex", required: true }),
      },
      resolve: (_, { account, key }, { db }) =>
        first(
          db
            .select()
            .from(sessions)
            .where(and(eq(sessions.account, account), eq(sessions.key, key))),
        ),
    }),
  }));
}

function addChainSingles(builder: Builder, refs: Refs): void {
  const newestEpoch = ({ db }: ApiContext) =>
    first(db.select().from(epochs).orderBy(desc(epochs.number)).limit(1));
  builder.queryFields((t) => ({
    epoch: t.field({
      type: refs.epoch,
      nullable: true,
      description: "The current epoch unless `number` is given.",
      args: { number: t.arg.int() },
      resolve: (_, { number }, context) =>
        typeof number === "number" ? context.loaders.epoch(number) : newestEpoch(context),
    }),
    committee: t.field({
      type: refs.committee,
      nullable: true,
      description: "Of the current epoch unless `epoch` is given.",
      args: { epoch: t.arg.int() },
      resolve: (_, { epoch }, context) =>
        typeof epoch === "number" ? context.loaders.epoch(epoch) : newestEpoch(context),
    }),
    settlement: t.field({
      type: refs.settlement,
      nullable: true,
      args: { epoch: t.arg.int({ required: true }) },
      resolve: (_, { epoch }, { loaders }) => loaders.settlement(epoch),
    }),
    block: t.field({
      type: refs.block,
      nullable: true,
      args: { height: t.arg({ type: "Counter", required: true }) },
      resolve: (_, { height }, { db }) => first(db.select().from(blocks).where(eq(blocks.height, height))),
    }),
    transaction: t.field({
      type: refs.transaction,
      nullable: true,
      description: "Of the protocol chain: where it was ordered last.",
      args: { id: t.arg({ type: "Hex", required: true }) },
      resolve: (_, { id }, { db }) =>
        first(
          db
            .select()
            .from(transactions)
            .where(eq(transactions.id, id))
            .orderBy(desc(transactions.height), desc(transactions.position))
            .limit(1),
        ),
    }),
  }));
}

function addGovernanceSingles(builder: Builder, refs: Refs): void {
  builder.queryFields((t) => ({
    proposal: t.field({
      type: refs.proposal,
      nullable: true,
      args: { id: t.arg.string({ required: true, description: "Decimal." }) },
      resolve: (_, { id }, { db }) => first(db.select().from(proposals).where(eq(proposals.id, id))),
    }),
    lot: t.field({
      type: refs.lot,
      nullable: true,
      args: { id: t.arg({ type: "Counter", required: true }) },
      resolve: (_, { id }, { db }) => first(db.select().from(lots).where(eq(lots.id, id))),
    }),
  }));
}
