import { and, eq, type SQL, sql } from "drizzle-orm";
import { ROLE, type Role } from "../../store/rows.ts";
import {
  accounts,
  blocks,
  claims,
  deposits,
  epochs,
  nodes,
  parameters,
  services,
  settlements,
} from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import { pageArgs } from "../connection.ts";
import { ORDERS } from "../orders.ts";
import { readPage } from "../page.ts";
import type { Refs } from "../refs.ts";
import { type addRoleEnum, ROLE_NAMES } from "./account.ts";

export function addSingles(builder: Builder, refs: Refs): void {
  builder.queryFields((t) => ({
    account: t.field({
      type: refs.account,
      nullable: true,
      args: { address: t.arg({ type: "Address", required: true }) },
      resolve: (_, { address }, { loaders }) => loaders.account(address),
    }),
    node: t.field({
      type: refs.node,
      nullable: true,
      args: { id: t.arg.int({ required: true }) },
      resolve: (_, { id }, { loaders }) => loaders.node(id),
    }),
    epoch: t.field({
      type: refs.epoch,
      nullable: true,
      description: "The current epoch unless `number` is given.",
      args: { number: t.arg.int() },
      resolve: async (_, { number }, { db, loaders }) => {
        if (number !== null && number !== undefined) return loaders.epoch(number);
        const newest = await readPage(db, epochs, { order: ORDERS.epochs("DESC"), args: { first: 1 } });
        return newest.edges[0]?.node;
      },
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
      resolve: async (_, { height }, { db }) =>
        (await db.select().from(blocks).where(eq(blocks.height, height)))[0],
    }),
    services: t.field({
      type: [refs.service],
      resolve: (_, __, { db }) => db.select().from(services).orderBy(services.id),
    }),
    parameters: t.field({
      type: [refs.parameter],
      resolve: (_, __, { db }) => db.select().from(parameters).orderBy(parameters.key),
    }),
  }));
}

type Enums = ReturnType<typeof addEnums>;

function addEnums(builder: Builder) {
  return {
    direction: builder.enumType("Direction", { values: ["ASC", "DESC"] as const }),
    accountOrder: builder.enumType("AccountOrder", {
      values: ["ADDRESS", "BALANCE", "PAYOUT_STABLE"] as const,
    }),
    nodeOrder: builder.enumType("NodeOrder", { values: ["ID", "STAKE"] as const }),
  };
}

const ACCOUNT_ORDERS = {
  ADDRESS: ORDERS.accountsByAddress,
  BALANCE: ORDERS.accountsByBalance,
  PAYOUT_STABLE: ORDERS.accountsByPayout,
};
const NODE_ORDERS = { ID: ORDERS.nodesById, STAKE: ORDERS.nodesByStake };

export function addLists(builder: Builder, refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  const enums = addEnums(builder);
  addPartyLists(builder, refs, role, enums);
  addChainLists(builder, refs, enums);
}

function addPartyLists(
  builder: Builder,
  refs: Refs,
  role: ReturnType<typeof addRoleEnum>,
  enums: Enums,
): void {
  const page = pageArgs(builder);
  builder.queryFields((t) => ({
    accounts: t.field({
      type: refs.accounts,
      args: {
        ...page,
        role: t.arg({ type: role }),
        orderBy: t.arg({ type: enums.accountOrder }),
        direction: t.arg({ type: enums.direction }),
      },
      resolve: (_, args, { db }) => {
        const bit = args.role ? ROLE[ROLE_NAMES[args.role] as Role] : undefined;
        const where = bit === undefined ? undefined : sql`${accounts.roles} & ${bit}::integer <> 0`;
        return readPage(db, accounts, {
          where,
          order: ACCOUNT_ORDERS[args.orderBy ?? "ADDRESS"](args.direction),
          args,
        });
      },
    }),
    nodes: t.field({
      type: refs.nodes,
      args: {
        ...page,
        owner: t.arg({ type: "Address" }),
        orderBy: t.arg({ type: enums.nodeOrder }),
        direction: t.arg({ type: enums.direction }),
      },
      resolve: (_, args, { db }) =>
        readPage(db, nodes, {
          where: args.owner ? eq(nodes.owner, args.owner) : undefined,
          order: NODE_ORDERS[args.orderBy ?? "ID"](args.direction),
          args,
        }),
    }),
    deposits: t.field({
      type: refs.deposits,
      args: { ...page, account: t.arg({ type: "Address" }), direction: t.arg({ type: enums.direction }) },
      resolve: (_, args, { db }) =>
        readPage(db, deposits, {
          where: args.account ? eq(deposits.account, args.account) : undefined,
          order: ORDERS.deposits(args.direction),
          args,
        }),
    }),
    claims: t.field({
      type: refs.claims,
      args: { ...page, account: t.arg({ type: "Address" }), direction: t.arg({ type: enums.direction }) },
      resolve: (_, args, { db }) =>
        readPage(db, claims, {
          where: args.account ? eq(claims.account, args.account) : undefined,
          order: ORDERS.claims(args.direction),
          args,
        }),
    }),
  }));
}

function addChainLists(builder: Builder, refs: Refs, enums: Enums): void {
  const page = pageArgs(builder);
  builder.queryFields((t) => ({
    epochs: t.field({
      type: refs.epochs,
      args: {
        ...page,
        verified: t.arg.boolean(),
        final: t.arg.boolean({ description: "true: only epochs whose finality is FINAL." }),
        direction: t.arg({ type: enums.direction }),
      },
      resolve: (_, args, { db }) => {
        const filters: SQL[] = [];
        if (typeof args.verified === "boolean") filters.push(eq(epochs.verified, args.verified));
        if (typeof args.final === "boolean") filters.push(eq(epochs.final, args.final));
        return readPage(db, epochs, { where: and(...filters), order: ORDERS.epochs(args.direction), args });
      },
    }),
    settlements: t.field({
      type: refs.settlements,
      args: { ...page, direction: t.arg({ type: enums.direction }) },
      resolve: (_, args, { db }) =>
        readPage(db, settlements, { order: ORDERS.settlements(args.direction), args }),
    }),
    blocks: t.field({
      type: refs.blocks,
      args: { ...page, epoch: t.arg.int(), direction: t.arg({ type: enums.direction }) },
      resolve: (_, args, { db }) =>
        readPage(db, blocks, {
          where: typeof args.epoch === "number" ? eq(blocks.epoch, args.epoch) : undefined,
          order: ORDERS.blocks(args.direction),
          args,
        }),
    }),
  }));
}
