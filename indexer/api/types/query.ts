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
  settlements,
  transactions,
} from "../../store/schema.ts";
import { accountsAt, lotsAt, nodesAt, settlementsAt } from "../at-epoch.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { columnsFrom } from "../page.ts";
import type { Refs } from "../refs.ts";
import { NODE_ID } from "./fields.ts";

export const AT_EPOCH =
  "Number of an epoch: as at its close, by the L2 block that it had seen. Refused of one that is open or not indexed.";

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
      description: "Now unless `atEpoch` is given; null for who never held or was owed anything, by then.",
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
      description: "Now unless `atEpoch` is given; null for one that was not registered by then.",
      args: {
        id: t.arg.int({ required: true, description: NODE_ID }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, { id, atEpoch }, context) =>
        typeof atEpoch === "number"
          ? rowAt(context, nodes, await nodesAt(context.db, atEpoch), eq(nodes.id, id))
          : context.loaders.node(id),
    }),
    session: t.field({
      type: refs.session,
      nullable: true,
      description: "As it is now; null for a key that the account never authorised.",
      args: {
        account: t.arg({ type: "Address", required: true, description: "Who authorised the key." }),
        key: t.arg({ type: "Hex", required: true, description: "Ed25519 public key, 32 bytes." }),
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
      description: "The current epoch unless `number` is given; null for one that has not begun.",
      args: { number: t.arg.int({ description: "From 0; the current epoch unless given." }) },
      resolve: (_, { number }, context) =>
        typeof number === "number" ? context.loaders.epoch(number) : newestEpoch(context),
    }),
    committee: t.field({
      type: refs.committee,
      nullable: true,
      description: "Of the current epoch unless `epoch` is given; null for one that has not begun.",
      args: { epoch: t.arg.int({ description: "Number of the epoch; the current one unless given." }) },
      resolve: (_, { epoch }, context) =>
        typeof epoch === "number" ? context.loaders.epoch(epoch) : newestEpoch(context),
    }),
    settlement: t.field({
      type: refs.settlement,
      nullable: true,
      description:
        "As the L2 has it now, final blocks only, unless `atEpoch` is given; null while none is posted.",
      args: {
        epoch: t.arg.int({ required: true, description: "Number of the epoch that it settles." }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, { epoch, atEpoch }, context) =>
        typeof atEpoch === "number"
          ? rowAt(
              context,
              settlements,
              await settlementsAt(context.db, atEpoch),
              eq(settlements.epoch, epoch),
            )
          : context.loaders.settlement(epoch),
    }),
    block: t.field({
      type: refs.block,
      nullable: true,
      description: "Of the protocol chain; null for one that is not indexed yet.",
      args: {
        height: t.arg({ type: "Counter", required: true, description: "Number of the block, from 0." }),
      },
      resolve: (_, { height }, { db }) => first(db.select().from(blocks).where(eq(blocks.height, height))),
    }),
    transaction: t.field({
      type: refs.transaction,
      nullable: true,
      description: "Of the protocol chain: where it was ordered last; null when it was not.",
      args: { id: t.arg({ type: "Hex", required: true, description: "BLAKE3 of its SSZ bytes." }) },
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
      description: "As it is now; null for one that the governor does not know.",
      args: { id: t.arg.string({ required: true, description: "As the governor computes it: decimal." }) },
      resolve: (_, { id }, { db }) => first(db.select().from(proposals).where(eq(proposals.id, id))),
    }),
    lot: t.field({
      type: refs.lot,
      nullable: true,
      description:
        "Of the buyback auction, as it is now unless `atEpoch` is given; null for one that was not opened.",
      args: {
        id: t.arg({ type: "Counter", required: true, description: "Number that the auction gave it." }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, { id, atEpoch }, context) =>
        typeof atEpoch === "number"
          ? rowAt(context, lots, await lotsAt(context.db, atEpoch), eq(lots.id, id))
          : first(context.db.select().from(lots).where(eq(lots.id, id))),
    }),
  }));
}
