import { and, eq, or, type SQL, sql } from "drizzle-orm";
import { ROLE, type Role } from "../../store/rows.ts";
import { accountEpochs, accounts, blocks, claims, deposits, epochs, nodes } from "../../store/schema.ts";
import { accountsAt, nodesAt, parametersAt, servicesAt, stakesAt } from "../at-epoch.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { queryError } from "../errors.ts";
import type { ListArgs } from "../list.ts";
import type { Refs } from "../refs.ts";
import { type addRoleEnum, ROLE_NAMES } from "./account.ts";
import { AT_EPOCH } from "./query.ts";

export function addLists(builder: Builder, refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  addPartyLists(builder, refs, role);
  addMoneyLists(builder, refs);
  addEpochLists(builder, refs);
  addGovernedLists(builder, refs);
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

function addGovernedLists(builder: Builder, refs: Refs): void {
  const { parameters, services } = refs.lists;
  builder.queryFields((t) => ({
    services: t.field({
      type: services.type,
      args: {
        ...services.args,
        atEpoch: t.arg.int({ description: "As this epoch opened, with the prices in force in it." }),
      },
      resolve: async (_, args, context) => {
        if (typeof args.atEpoch !== "number") return services.read(context, args);
        const { from, prices } = await servicesAt(context.db, args.atEpoch);
        const page = await services.read(context, args, { from });
        const edges = page.edges.map(({ cursor, node }) => ({
          cursor,
          node: { ...node, prices: prices.get(node.id) ?? [] },
        }));
        return { ...page, edges };
      },
    }),
    parameters: t.field({
      type: parameters.type,
      args: {
        ...parameters.args,
        atEpoch: t.arg.int({ description: "In force in this epoch; on the L2 now unless given." }),
      },
      resolve: async (_, args, context) =>
        parameters.read(context, args, { from: await source(args, context, parametersAt) }),
    }),
  }));
}

/** Lists of which nothing but filters and orders is to be said. */
function addPlainLists(builder: Builder, refs: Refs): void {
  const { accounts, nodes, stakes, deposits, claims, payouts, epochs, blocks, ...plain } = refs.lists;
  const { accountEpochs, nodeEpochs, parameters, services, tokenTransfers, ...alike } = plain;
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
