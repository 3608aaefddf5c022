import { and, desc, eq, or, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { ROLE, type Role } from "../../store/rows.ts";
import {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deposits,
  epochs,
  interruptions,
  lots,
  nodes,
  parameters,
  proposals,
  services,
  sessions,
  transactions,
} from "../../store/schema.ts";
import { accountsAt, nodesAt, parametersAt, servicesAt, stakesAt } from "../at-epoch.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { queryError } from "../errors.ts";
import type { ListArgs } from "../list.ts";
import { columnsFrom } from "../page.ts";
import type { Refs } from "../refs.ts";
import { type addRoleEnum, ROLE_NAMES } from "./account.ts";

const AT_EPOCH = "As at the close of this epoch.";

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
  addRegistrations(builder, refs);
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

function addRegistrations(builder: Builder, refs: Refs): void {
  builder.queryFields((t) => ({
    services: t.field({
      type: [refs.service],
      args: { atEpoch: t.arg.int({ description: "As this epoch opened, with the prices in force in it." }) },
      resolve: (_, { atEpoch }, { db }) =>
        typeof atEpoch === "number"
          ? servicesAt(db, atEpoch)
          : db.select().from(services).orderBy(services.id),
    }),
    parameters: t.field({
      type: [refs.parameter],
      args: { atEpoch: t.arg.int({ description: "In force in this epoch; on the L2 now unless given." }) },
      resolve: (_, { atEpoch }, { db }) =>
        typeof atEpoch === "number"
          ? parametersAt(db, atEpoch)
          : db.select().from(parameters).orderBy(parameters.key),
    }),
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
    interruptions: t.field({
      type: [refs.interruption],
      description: "Freezes and restarts of the settlement, oldest first.",
      resolve: (_, __, { db }) =>
        db.select().from(interruptions).orderBy(interruptions.block, interruptions.logIndex),
    }),
  }));
}

export function addLists(builder: Builder, refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  addPartyLists(builder, refs, role);
  addMoneyLists(builder, refs);
  addEpochLists(builder, refs);
  addPlainLists(builder, refs);
}

function addPartyLists(builder: Builder, refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  const { accounts: accountList, nodes: nodeList, stakes } = refs.lists;
  builder.queryFields((t) => ({
    accounts: t.field({
      type: accountList.type,
      args: {
        ...accountList.args,
        role: t.arg({ type: role }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, args, context) => {
        if (args.role && typeof args.atEpoch === "number")
          throw queryError("ERR_QUERY_ARGUMENT", "roles are known as they are now: not with atEpoch");
        const bit = args.role ? ROLE[ROLE_NAMES[args.role] as Role] : undefined;
        const among = bit === undefined ? undefined : sql`${accounts.roles} & ${bit}::integer <> 0`;
        return accountList.read(context, args, { among, from: await source(args, context, accountsAt) });
      },
    }),
    nodes: t.field({
      type: nodeList.type,
      args: {
        ...nodeList.args,
        owner: t.arg({ type: "Address" }),
        atEpoch: t.arg.int({ description: AT_EPOCH }),
      },
      resolve: async (_, args, context) =>
        nodeList.read(context, args, {
          among: args.owner ? eq(nodes.owner, args.owner) : undefined,
          from: await source(args, context, nodesAt),
        }),
    }),
    stakes: t.field({
      type: stakes.type,
      args: {
        ...stakes.args,
        atEpoch: t.arg.int({ description: "Of each node the one in force at the close of this epoch." }),
      },
      resolve: async (_, args, context) =>
        stakes.read(context, args, { from: await source(args, context, stakesAt) }),
    }),
  }));
}

function source(
  { atEpoch }: ListArgs & { atEpoch?: number | null | undefined },
  { db }: ApiContext,
  at: (db: ApiContext["db"], epoch: number) => Promise<SQL>,
): Promise<SQL> | undefined {
  return typeof atEpoch === "number" ? at(db, atEpoch) : undefined;
}

function addMoneyLists(builder: Builder, refs: Refs): void {
  const { lists } = refs;
  builder.queryFields((t) => ({
    deposits: t.field({
      type: lists.deposits.type,
      args: { ...lists.deposits.args, account: t.arg({ type: "Address" }) },
      resolve: (_, args, context) =>
        lists.deposits.read(context, args, {
          among: args.account ? eq(deposits.account, args.account) : undefined,
        }),
    }),
    claims: t.field({
      type: lists.claims.type,
      args: { ...lists.claims.args, account: t.arg({ type: "Address" }) },
      resolve: (_, args, context) =>
        lists.claims.read(context, args, {
          among: args.account ? eq(claims.account, args.account) : undefined,
        }),
    }),
    payouts: t.field({
      type: lists.payouts.type,
      args: lists.payouts.args,
      description: "Of verified epochs.",
      resolve: (_, args, context) =>
        lists.payouts.read(context, args, {
          among: or(sql`${accountEpochs.payoutStable} <> 0`, sql`${accountEpochs.payoutFlk} <> 0`),
        }),
    }),
  }));
}

function addEpochLists(builder: Builder, refs: Refs): void {
  const { lists } = refs;
  builder.queryFields((t) => ({
    epochs: t.field({
      type: lists.epochs.type,
      args: {
        ...lists.epochs.args,
        verified: t.arg.boolean(),
        final: t.arg.boolean({ description: "true: only epochs whose finality is FINAL." }),
      },
      resolve: (_, args, context) => {
        const among: SQL[] = [];
        if (typeof args.verified === "boolean") among.push(eq(epochs.verified, args.verified));
        if (typeof args.final === "boolean") among.push(eq(epochs.final, args.final));
        return lists.epochs.read(context, args, { among: and(...among) });
      },
    }),
    blocks: t.field({
      type: lists.blocks.type,
      args: { ...lists.blocks.args, epoch: t.arg.int() },
      resolve: (_, args, context) =>
        lists.blocks.read(context, args, {
          among: typeof args.epoch === "number" ? eq(blocks.epoch, args.epoch) : undefined,
        }),
    }),
  }));
}

/** Lists of which nothing but filters and orders is to be said. */
function addPlainLists(builder: Builder, refs: Refs): void {
  const { accounts, nodes, stakes, deposits, claims, payouts, epochs, blocks, ...plain } = refs.lists;
  const { accountEpochs, nodeEpochs, tokenTransfers, ...alike } = plain;
  const named = { ...alike, flkTransfers: tokenTransfers };
  builder.queryFields((t) =>
    Object.fromEntries(
      Object.entries(named).map(([name, each]) => {
        // of one type for all: each list reads what its own type serves
        const list = each as typeof named.lots;
        return [
          name,
          t.field({
            type: list.type,
            args: list.args,
            resolve: (_, args, context) => list.read(context, args),
          }),
        ];
      }),
    ),
  );
}
