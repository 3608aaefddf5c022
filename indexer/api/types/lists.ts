import { and, eq, or, type SQL, sql } from "drizzle-orm";
import { ROLE, type Role } from "../../store/rows.ts";
import { accountEpochs, accounts, blocks, claims, deposits, epochs, nodes } from "../../store/schema.ts";
import {
  accountsAt,
  lotsAt,
  nodesAt,
  parametersAt,
  servicesAt,
  settlementsAt,
  stakeLocksAt,
  stakesAt,
} from "../at-epoch.ts";
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
  const { accounts: accountList, nodes: nodeList, stakes, stakeLocks } = refs.lists;
  builder.queryFields((t) => ({
    accounts: t.field({
      type: accountList.type,
      description:
        "All that hold or are owed anything, or ever did, by address; with `atEpoch` at its close.",
      args: {
        ...accountList.args,
        role: t.arg({ type: role, description: "Only those that are this now; not with `atEpoch`." }),
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
      description:
        "All that were ever registered, by id; with `atEpoch` by then, and as they were at its close.",
      args: {
        ...nodeList.args,
        owner: t.arg({ type: "Address", description: "Only those of this owner." }),
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
      description: "Every change of the stake of any node, oldest first; with `atEpoch` one of each node.",
      args: {
        ...stakes.args,
        atEpoch: t.arg.int({
          description: "Number of an epoch: of each node only the stake in force at its close.",
        }),
      },
      resolve: async (_, args, context) =>
        stakes.read(context, args, { from: await source(args, context, stakesAt) }),
    }),
    stakeLocks: t.field({
      type: stakeLocks.type,
      description: "Every time that an owner locked stake, oldest first; with `atEpoch` once for each node.",
      args: {
        ...stakeLocks.args,
        atEpoch: t.arg.int({
          description:
            "Number of an epoch: of each node only the newest lock made by its close, be it over or not.",
        }),
      },
      resolve: async (_, args, context) =>
        stakeLocks.read(context, args, { from: await source(args, context, stakeLocksAt) }),
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
      description: "Top-ups of all accounts, oldest first.",
      args: {
        ...lists.deposits.args,
        account: t.arg({ type: "Address", description: "Only those for this account." }),
      },
      resolve: (_, args, context) =>
        lists.deposits.read(context, args, {
          among: args.account ? eq(deposits.account, args.account) : undefined,
        }),
    }),
    claims: t.field({
      type: lists.claims.type,
      description: "What the settlement contract paid to accounts, oldest first.",
      args: {
        ...lists.claims.args,
        account: t.arg({ type: "Address", description: "Only those of this account." }),
      },
      resolve: (_, args, context) =>
        lists.claims.read(context, args, {
          among: args.account ? eq(claims.account, args.account) : undefined,
        }),
    }),
    payouts: t.field({
      type: lists.payouts.type,
      args: lists.payouts.args,
      description:
        "What each account was owed in all at the close of each verified epoch, oldest epoch first; not those that were owed nothing.",
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
      description: "All that have begun, oldest first: the last is the current one.",
      args: {
        ...lists.epochs.args,
        verified: t.arg.boolean({
          description: "Only epochs whose report agrees with all there is, or only others.",
        }),
        final: t.arg.boolean({ description: "Only epochs whose finality is FINAL, or only others." }),
      },
      resolve: (_, args, context) => {
        const among: SQL[] = [];
        if (typeof args.verified === "boolean") among.push(eq(epochs.verified, args.verified));
        if (typeof args.final === "boolean") among.push(eq(epochs.final, args.final));
        return lists.epochs.read(context, args, { among: and(...among) });
      },
    }),
    settlements: t.field({
      type: lists.settlements.type,
      description:
        "Settlements on the L2 by epoch: as they are now in final blocks, or with `atEpoch` as they were.",
      args: { ...lists.settlements.args, atEpoch: t.arg.int({ description: AT_EPOCH }) },
      resolve: async (_, args, context) =>
        lists.settlements.read(context, args, { from: await source(args, context, settlementsAt) }),
    }),
    blocks: t.field({
      type: lists.blocks.type,
      description: "Verified blocks of the protocol chain, oldest first.",
      args: { ...lists.blocks.args, epoch: t.arg.int({ description: "Only those of this epoch." }) },
      resolve: (_, args, context) =>
        lists.blocks.read(context, args, {
          among: typeof args.epoch === "number" ? eq(blocks.epoch, args.epoch) : undefined,
        }),
    }),
  }));
}

function addGovernedLists(builder: Builder, refs: Refs): void {
  const { lots, parameters, services } = refs.lists;
  builder.queryFields((t) => ({
    services: t.field({
      type: services.type,
      description:
        "All services with their prices, by id: on the L2 now, or with `atEpoch` as they were in force.",
      args: {
        ...services.args,
        atEpoch: t.arg.int({
          description:
            "Number of an epoch: as it opened, with the prices in force in it. Refused of one that has not begun.",
        }),
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
    lots: t.field({
      type: lots.type,
      description:
        "Lots of the buyback auction, oldest first: as they are now, or with `atEpoch` as they were.",
      args: { ...lots.args, atEpoch: t.arg.int({ description: AT_EPOCH }) },
      resolve: async (_, args, context) =>
        lots.read(context, args, { from: await source(args, context, lotsAt) }),
    }),
    parameters: t.field({
      type: parameters.type,
      description: "All governed numbers, by key: on the L2 now, or with `atEpoch` as they were in force.",
      args: {
        ...parameters.args,
        atEpoch: t.arg.int({
          description: "Number of an epoch: those in force in it. Refused of one that has not begun.",
        }),
      },
      resolve: async (_, args, context) =>
        parameters.read(context, args, { from: await source(args, context, parametersAt) }),
    }),
  }));
}

/** What the plain lists are, and how they are ordered unless told. */
const PLAIN = {
  bids: "What was bought of any lot of the auction, oldest first.",
  contractEvents: "Every event of the network's contracts on the L2, oldest first.",
  deliveries: "What each client paid each node, by service and commodity, oldest epoch first.",
  escapes: "What left the vault by the escape hatch, oldest first.",
  flkTransfers: "FLK that moved on the L2, oldest first.",
  interruptions: "Freezes and restarts of the settlement, oldest first.",
  lanes: "What was paid for each lane, oldest epoch first.",
  measurements: "What nodes reported of each other, oldest epoch first.",
  parameterChanges: "Every time that a parameter was set, oldest first.",
  priceChanges: "Every time that a price was set, oldest first.",
  proposals: "Proposals of the governor, as they are now, oldest first.",
  reputationScores: "Reputation of each node in each verified epoch, oldest epoch first.",
  sessions: "Keys that accounts authorised, as they are now, oldest first.",
  slashes: "Stake that nodes lost, oldest first.",
  thawRequests: "Stake on its way out, or out, as it is now, oldest first.",
  transactions: "Of the protocol chain, applied or rejected, oldest first.",
  transfers: "Stablecoin that moved between balances of the protocol chain, oldest first.",
  votes: "On all proposals, oldest first.",
  withdrawals: "Balance that became payout, oldest first.",
  withdrawRequests: "Withdrawals that were asked for on the L2, oldest first.",
};

/** Lists of which nothing but filters and orders is to be said. */
function addPlainLists(builder: Builder, { lists }: Refs): void {
  const named = { ...lists, flkTransfers: lists.tokenTransfers };
  const names = Object.keys(PLAIN) as (keyof typeof PLAIN)[];
  builder.queryFields((t) =>
    Object.fromEntries(
      names.map((name) => {
        // of one type for all: each list reads what its own type serves
        const list = named[name] as typeof lists.bids;
        return [
          name,
          t.field({
            type: list.type,
            args: list.args,
            description: PLAIN[name],
            resolve: (_, args, context) => list.read(context, args),
          }),
        ];
      }),
    ),
  );
}
