import { maxBigint } from "#protocol/types/bigint.ts";
import { ROLE, type Role } from "../../store/rows.ts";
import {
  accountEpochs,
  type accounts,
  claims,
  deliveries,
  deposits,
  lanes,
  nodes,
  sessions,
  transactions,
  withdrawals,
} from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { ApiContext } from "../context.ts";
import { type Earning, earningOf } from "../earnings.ts";
import { finalityOf } from "../finality.ts";
import type { Refs } from "../refs.ts";
import { stateOfEpoch } from "../settlement-state.ts";
import { ofPart } from "../work.ts";
import { childList, type Fields, ofEpoch } from "./fields.ts";

export const ROLE_NAMES: Record<string, Role> = {
  CLIENT: "client",
  OPERATOR: "operator",
  SERVICE_OWNER: "serviceOwner",
  TREASURY: "treasury",
  BUYBACK: "buyback",
};

export function addRoleEnum(builder: Builder) {
  return builder.enumType("Role", {
    description: "What an account is: it may be several things at once.",
    values: {
      CLIENT: { description: "Deposits were made for it, or it paid for deliveries." },
      OPERATOR: { description: "It owns a node." },
      SERVICE_OWNER: { description: "It owns a service." },
      TREASURY: { description: "The treasury's share of the revenue is paid to it." },
      BUYBACK: { description: "The share of the revenue that buys back FLK is paid to it." },
    } as const,
  });
}

function rolesOf(bits: number) {
  const names = ["CLIENT", "OPERATOR", "SERVICE_OWNER", "TREASURY", "BUYBACK"] as const;
  return names.filter((name) => (bits & ROLE[ROLE_NAMES[name] as Role]) !== 0);
}

const PAYOUT = "Cumulative, claimed or not, at the close of `settledEpoch`; 0 without one.";
const CLAIMED = "Cumulative, paid out by claims in L2 blocks that are final.";
const CLAIMABLE =
  "Owed and not paid yet: the payout of `settledEpoch` without what was claimed, with `atEpoch` by its close.";
const MINTED = "A claim pays at most the FLK that is minted and unclaimed at the settlement contract.";

function positive(value: bigint): bigint {
  return maxBigint(value, 0n);
}

export function addAccount(refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  refs.account.implement({
    description:
      "Anyone who holds or is owed anything: now, or with `atEpoch` in the L2 view of that epoch's close. `roles` and lists are not cut by it.",
    fields: (t) => ({
      address: t.expose("address", {
        type: "Address",
        description: "On the L2, and on the protocol chain alike.",
      }),
      roles: t.field({
        type: [role],
        description: "As it is now, also with `atEpoch`; none for who only was paid or sent something.",
        resolve: (row) => rolesOf(row.roles),
      }),
      deposits: t.expose("deposits", {
        type: "USDC",
        description: "Cumulative deposits on the L2, final blocks only.",
      }),
      balance: t.expose("balance", {
        type: "USDC",
        description:
          "After the newest verified block of the protocol chain, with `atEpoch` after the last of the epoch.",
      }),
      settledEpoch: t.exposeInt("settledEpoch", {
        nullable: true,
        description:
          "The newest final epoch, with `atEpoch` the newest that was active on the L2 then: the settled and payout fields are all as of its close.",
      }),
      settledBalance: t.expose("settledBalance", {
        type: "USDC",
        description: "Balance at the close of `settledEpoch`; 0 without one.",
      }),
      settledDeposits: t.expose("settledDeposits", {
        type: "USDC",
        description:
          "Deposits that the protocol had seen. Over all accounts settledDeposits = settledBalance + payoutStable.",
      }),
      payoutStable: t.expose("payoutStable", {
        type: "USDC",
        description: PAYOUT,
      }),
      payoutFlk: t.expose("payoutFlk", { type: "FLK", description: PAYOUT }),
      claimedStable: t.expose("claimedStable", { type: "USDC", description: CLAIMED }),
      claimedFlk: t.expose("claimedFlk", { type: "FLK", description: CLAIMED }),
      payee: t.field({
        type: "Address",
        description: "Where claims for this account go: itself, unless it named another.",
        resolve: (row) => row.payee ?? row.address,
      }),
      escaped: t.expose("escaped", {
        type: "USDC",
        description: "Taken out of the vault by the escape hatch, while the settlement was frozen.",
      }),
      claimableStable: t.field({
        type: "USDC",
        description: CLAIMABLE,
        resolve: (row) => positive(row.payoutStable - row.claimedStable),
      }),
      claimableFlk: t.field({
        type: "FLK",
        description: `${CLAIMABLE} ${MINTED}`,
        resolve: (row) => positive(row.payoutFlk - row.claimedFlk),
      }),
      ...accountLists(t, refs),
    }),
  });
}

function accountLists(t: Fields<typeof accounts.$inferSelect>, { lists }: Refs) {
  return {
    nodes: childList(t, lists.nodes, "address", { parent: nodes.owner, description: "That it owns, by id." }),
    epochs: childList(t, lists.accountEpochs, "address", {
      parent: accountEpochs.account,
      direction: "DESC",
      description: "Balance and payouts at the close of each epoch, newest first.",
    }),
    depositHistory: childList(t, lists.deposits, "address", {
      parent: deposits.account,
      direction: "DESC",
      description: "Newest first.",
    }),
    claims: childList(t, lists.claims, "address", {
      parent: claims.account,
      direction: "DESC",
      description: "Newest first.",
    }),
    withdrawals: childList(t, lists.withdrawals, "address", {
      parent: withdrawals.account,
      direction: "DESC",
      description: "Newest first.",
    }),
    sessions: childList(t, lists.sessions, "address", {
      parent: sessions.account,
      direction: "DESC",
      description: "Newest first.",
    }),
    lanes: childList(t, lists.lanes, "address", {
      parent: lanes.account,
      direction: "DESC",
      description: "Newest epoch first.",
    }),
    deliveries: childList(t, lists.deliveries, "address", {
      parent: deliveries.account,
      direction: "DESC",
      description: "That it paid, newest epoch first.",
    }),
    transactions: childList(t, lists.transactions, "address", {
      parent: transactions.account,
      direction: "DESC",
      description: "That it signed, newest first.",
    }),
  };
}

export async function readEarning(
  row: typeof accountEpochs.$inferSelect,
  _: object,
  context: ApiContext,
): Promise<Earning | undefined> {
  const { loaders } = context;
  const epoch = await loaders.epoch(row.epoch);
  if (!epoch?.verified) return undefined;
  const [account, before, finality, settlement] = await Promise.all([
    loaders.account(row.account),
    loaders.verifiedBefore(`${row.epoch}/${row.account}`),
    finalityOf(epoch, context),
    loaders.settlement(row.epoch),
  ]);
  const claimed = { stable: account?.claimedStable ?? 0n, flk: account?.claimedFlk ?? 0n };
  const after = { stable: row.payoutStable, flk: row.payoutFlk };
  return {
    ...earningOf(before ?? NOTHING, after, claimed, finality),
    account: row.account,
    span: [before?.epoch ?? -1, row.epoch],
    state: stateOfEpoch(epoch, settlement),
  };
}

async function withdrawnIn(
  { account, span: [after, last] }: Earning,
  _: object,
  { loaders }: ApiContext,
): Promise<bigint> {
  return (await loaders.withdrawn(`${account}/${after}/${last}`)) ?? 0n;
}

const NOTHING = { stable: 0n, flk: 0n };

const EARNED =
  "What the close of the epoch added to the cumulative payout; what epochs between it and the verified one before added, too.";
const SETTLED =
  "Of what was earned: all once a settlement on the L2 stands for it, also one that is held; zero while it is COMMITTED, before one is posted and when it was voided.";
const PAID = "Of what was earned: paid out by claims up to now, in L2 blocks that are final.";
const UNPAID = "Of what was earned: owed and not paid yet; zero until the epoch is FINAL.";

function addEarning(refs: Refs): void {
  const stable = { type: "USDC" } as const;
  const flk = { type: "FLK" } as const;
  refs.earning.implement({
    description:
      "Payouts that came with one epoch. Claims pay the oldest first; what is not final cannot be claimed.",
    fields: (t) => ({
      earnedStable: t.field({ ...stable, description: EARNED, resolve: ({ earned }) => earned.stable }),
      earnedFlk: t.field({ ...flk, description: EARNED, resolve: ({ earned }) => earned.flk }),
      withdrawnStable: t.field({
        ...stable,
        ...ofPart,
        description: "Of what was earned: balance of its own that it withdrew, which nobody paid it.",
        resolve: withdrawnIn,
      }),
      settledStable: t.field({
        ...stable,
        description: SETTLED,
        resolve: ({ settled }) => settled.stable,
      }),
      settledFlk: t.field({ ...flk, description: SETTLED, resolve: ({ settled }) => settled.flk }),
      claimedStable: t.field({ ...stable, description: PAID, resolve: ({ claimed }) => claimed.stable }),
      claimedFlk: t.field({ ...flk, description: PAID, resolve: ({ claimed }) => claimed.flk }),
      claimableStable: t.field({
        ...stable,
        description: UNPAID,
        resolve: ({ claimable }) => claimable.stable,
      }),
      claimableFlk: t.field({
        ...flk,
        description: `${UNPAID} ${MINTED}`,
        resolve: ({ claimable }) => claimable.flk,
      }),
      state: t.field({
        type: refs.settlementState,
        nullable: true,
        description:
          "Of the settlement of the epoch, now: what is HELD waits for governance, what is VOIDED never is paid by it. Null when final L2 blocks have none.",
        resolve: ({ state }) => state,
      }),
    }),
  });
}

const OWED = "Cumulative payout up to the close of the epoch; 0 until the epoch is verified.";

export function addAccountParts(refs: Refs): void {
  refs.accountEpoch.implement({
    description: "An account at the close of an epoch. Payouts are zero until the epoch is verified.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Address of the account." }),
      balance: t.expose("balance", { type: "USDC", description: "As the blocks of the epoch left it." }),
      deposits: t.expose("depositsSeen", {
        type: "USDC",
        description: "Cumulative deposits that the protocol had seen.",
      }),
      payoutStable: t.expose("payoutStable", { type: "USDC", description: OWED }),
      payoutFlk: t.expose("payoutFlk", { type: "FLK", description: OWED }),
      ...ofEpoch(t, refs, "Number of the epoch whose close it is of."),
      earning: t.field({
        type: refs.earning,
        nullable: true,
        description: "Null until the epoch is verified.",
        resolve: readEarning,
      }),
    }),
  });
  addEarning(refs);
}
