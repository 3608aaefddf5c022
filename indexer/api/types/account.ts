import { maxBigint } from "#protocol/types/bigint.ts";
import { ROLE, type Role } from "../../store/rows.ts";
import type { accountEpochs } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import { pageArgs } from "../connection.ts";
import type { ApiContext } from "../context.ts";
import { type Earning, earningOf } from "../earnings.ts";
import { finalityOf } from "../finality.ts";
import { CHILDREN } from "../orders.ts";
import type { Refs } from "../refs.ts";

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
    values: ["CLIENT", "OPERATOR", "SERVICE_OWNER", "TREASURY", "BUYBACK"] as const,
  });
}

function rolesOf(bits: number) {
  const names = ["CLIENT", "OPERATOR", "SERVICE_OWNER", "TREASURY", "BUYBACK"] as const;
  return names.filter((name) => (bits & ROLE[ROLE_NAMES[name] as Role]) !== 0);
}

function positive(value: bigint): bigint {
  return maxBigint(value, 0n);
}

export function addAccount(builder: Builder, refs: Refs, role: ReturnType<typeof addRoleEnum>): void {
  const page = pageArgs(builder);
  refs.account.implement({
    description: "Anyone who holds or is owed anything.",
    fields: (t) => ({
      address: t.expose("address", { type: "Address" }),
      roles: t.field({ type: [role], resolve: (row) => rolesOf(row.roles) }),
      deposits: t.expose("deposits", {
        type: "USDC",
        description: "Cumulative deposits on the L2, final blocks only.",
      }),
      balance: t.expose("balance", {
        type: "USDC",
        description: "After the newest verified block of the protocol chain.",
      }),
      settledEpoch: t.exposeInt("settledEpoch", {
        nullable: true,
        description: "The newest final epoch: the settled and payout fields are all as of its close.",
      }),
      settledBalance: t.expose("settledBalance", { type: "USDC" }),
      settledDeposits: t.expose("settledDeposits", {
        type: "USDC",
        description:
          "Deposits that the protocol had seen. Over all accounts settledDeposits = settledBalance + payoutStable.",
      }),
      payoutStable: t.expose("payoutStable", {
        type: "USDC",
        description: "Cumulative, claimable on the L2.",
      }),
      payoutFlk: t.expose("payoutFlk", { type: "FLK", description: "Cumulative, claimable on the L2." }),
      claimedStable: t.expose("claimedStable", { type: "USDC" }),
      claimedFlk: t.expose("claimedFlk", { type: "FLK" }),
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
        resolve: (row) => positive(row.payoutStable - row.claimedStable),
      }),
      claimableFlk: t.field({ type: "FLK", resolve: (row) => positive(row.payoutFlk - row.claimedFlk) }),
      nodes: t.field({
        type: refs.nodes,
        args: page,
        resolve: (row, args, { children }) => children(CHILDREN.accountNodes, row.address, args),
      }),
      epochs: t.field({
        type: refs.accountEpochs,
        args: page,
        description: "Balance and payouts at the close of each epoch, newest first.",
        resolve: (row, args, { children }) => children(CHILDREN.accountEpochs, row.address, args),
      }),
      depositHistory: t.field({
        type: refs.deposits,
        args: page,
        description: "Newest first.",
        resolve: (row, args, { children }) => children(CHILDREN.accountDeposits, row.address, args),
      }),
      claims: t.field({
        type: refs.claims,
        args: page,
        description: "Newest first.",
        resolve: (row, args, { children }) => children(CHILDREN.accountClaims, row.address, args),
      }),
    }),
  });
}

async function readEarning(
  row: typeof accountEpochs.$inferSelect,
  _: object,
  { loaders }: ApiContext,
): Promise<Earning | undefined> {
  const epoch = await loaders.epoch(row.epoch);
  if (!epoch?.verified) return undefined;
  const [account, before] = await Promise.all([
    loaders.account(row.account),
    loaders.verifiedBefore(`${row.epoch}/${row.account}`),
  ]);
  const claimed = { stable: account?.claimedStable ?? 0n, flk: account?.claimedFlk ?? 0n };
  const after = { stable: row.payoutStable, flk: row.payoutFlk };
  return earningOf(before ?? NOTHING, after, claimed, epoch.final);
}

const NOTHING = { stable: 0n, flk: 0n };

function addEarning(refs: Refs): void {
  const stable = { type: "USDC" } as const;
  const flk = { type: "FLK" } as const;
  refs.earning.implement({
    description:
      "Payouts that came with one epoch. Claims pay the oldest first; what is not final cannot be claimed.",
    fields: (t) => ({
      earnedStable: t.field({ ...stable, resolve: ({ earned }) => earned.stable }),
      earnedFlk: t.field({ ...flk, resolve: ({ earned }) => earned.flk }),
      claimedStable: t.field({ ...stable, resolve: ({ claimed }) => claimed.stable }),
      claimedFlk: t.field({ ...flk, resolve: ({ claimed }) => claimed.flk }),
      claimableStable: t.field({ ...stable, resolve: ({ claimable }) => claimable.stable }),
      claimableFlk: t.field({ ...flk, resolve: ({ claimable }) => claimable.flk }),
    }),
  });
}

export function addAccountParts(refs: Refs): void {
  refs.accountEpoch.implement({
    description: "An account at the close of an epoch. Payouts are zero until the epoch is verified.",
    fields: (t) => ({
      epoch: t.exposeInt("epoch"),
      account: t.expose("account", { type: "Address" }),
      balance: t.expose("balance", { type: "USDC" }),
      deposits: t.expose("depositsSeen", {
        type: "USDC",
        description: "Cumulative deposits that the protocol had seen.",
      }),
      payoutStable: t.expose("payoutStable", { type: "USDC" }),
      payoutFlk: t.expose("payoutFlk", { type: "FLK" }),
      finality: t.field({
        type: refs.finality,
        resolve: async (row, _, context) => finalityOf(await context.loaders.epoch(row.epoch), context),
      }),
      earning: t.field({
        type: refs.earning,
        nullable: true,
        description: "Null until the epoch is verified.",
        resolve: readEarning,
      }),
    }),
  });
  addEarning(refs);
  refs.deposit.implement({
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      from: t.expose("from", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC" }),
      total: t.expose("total", {
        type: "USDC",
        description: "Cumulative deposits of the account after this one.",
      }),
      txHash: t.expose("txHash", { type: "Hex" }),
      block: t.expose("block", { type: "Counter", description: "L2 block." }),
    }),
  });
  refs.claim.implement({
    description: "A payment of the settlement contract to an account.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      payee: t.expose("payee", { type: "Address", description: "Who got it." }),
      stable: t.expose("stable", { type: "USDC" }),
      flk: t.expose("flk", { type: "FLK" }),
      cumulativeStable: t.expose("cumulativeStable", { type: "USDC" }),
      cumulativeFlk: t.expose("cumulativeFlk", { type: "FLK" }),
      txHash: t.expose("txHash", { type: "Hex" }),
      block: t.expose("block", { type: "Counter", description: "L2 block." }),
    }),
  });
}
