import { decode } from "#protocol/types/codec.ts";
import { Committee } from "#protocol/types/committee.ts";
import { fromHex } from "#protocol/types/hex.ts";
import type { settlements } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import { pageArgs } from "../connection.ts";
import { finalityOf } from "../finality.ts";
import { CHILDREN } from "../orders.ts";
import type { Refs } from "../refs.ts";
import { certificateOf } from "./certificate.ts";

export function addEpoch(builder: Builder, refs: Refs): void {
  const page = pageArgs(builder);
  const unverified = { nullable: true } as const;
  refs.epoch.implement({
    description: "Fields of the report (lanes to buyback) are null until it is verified.",
    fields: (t) => ({
      number: t.exposeInt("number"),
      openTime: t.expose("openTime", { type: "Counter", description: "Unix ms." }),
      closeTime: t.expose("closeTime", {
        type: "Counter",
        nullable: true,
        description: "Unix ms; null while open.",
      }),
      blocks: t.exposeInt("blocks"),
      transactions: t.expose("transactions", { type: "Counter" }),
      lanes: t.expose("lanes", { type: "Counter", ...unverified }),
      deliveries: t.expose("deliveries", { type: "Counter", ...unverified }),
      units: t.expose("units", { type: "Units", ...unverified }),
      revenue: t.expose("revenue", { type: "USDC", ...unverified }),
      flkScheduled: t.expose("flkScheduled", {
        type: "FLK",
        description: "The most that will be granted for it, once its buyback is sold.",
        ...unverified,
      }),
      flkMinted: t.expose("flkMinted", {
        type: "FLK",
        description: "Granted at its close, for earlier epochs whose buyback was sold by then.",
        ...unverified,
      }),
      grant: t.field({
        type: refs.epochGrant,
        nullable: true,
        description: "What was granted for it; null before a close after the sale of its buyback.",
        resolve: (row, _, { loaders }) => loaders.grant(row.number),
      }),
      treasury: t.expose("treasury", { type: "USDC", ...unverified }),
      buyback: t.expose("buyback", { type: "USDC", ...unverified }),
      committee: t.field({
        type: ["Int"],
        description: "Node ids, ascending.",
        resolve: (row) => decode(Committee, fromHex(row.committee)).members.map((member) => member.nodeId),
      }),
      digest: t.expose("digest", {
        type: "Hex",
        nullable: true,
        description: "That its committee certified.",
      }),
      certificate: t.field({
        type: refs.certificate,
        nullable: true,
        description: "Null until the node has it; its settlement is the one of `digest`.",
        resolve: ({ certificate }) => (certificate === null ? null : certificateOf(certificate)),
      }),
      verified: t.exposeBoolean("verified", {
        description: "Its report, balances and payouts agree with the blocks, the L2 and the settlement.",
      }),
      problem: t.exposeString("problem", { nullable: true, description: "The code of what does not agree." }),
      finality: t.field({ type: refs.finality, resolve: (row, _, context) => finalityOf(row, context) }),
      settlement: t.field({
        type: refs.settlement,
        nullable: true,
        description: "As the L2 has it, final blocks only; posted, perhaps not active yet.",
        resolve: (row, _, { loaders }) => loaders.settlement(row.number),
      }),
      nodes: t.field({
        type: refs.nodeEpochs,
        args: page,
        resolve: (row, args, { children }) => children(CHILDREN.epochNodes, row.number, args),
      }),
      accounts: t.field({
        type: refs.accountEpochs,
        args: page,
        description: "Every balance and cumulative payout at its close.",
        resolve: (row, args, { children }) => children(CHILDREN.epochAccounts, row.number, args),
      }),
    }),
  });
}

export function addEpochGrant(refs: Refs): void {
  refs.epochGrant.implement({
    description: "FLK granted for an epoch, by what the lot of its buyback burned.",
    fields: (t) => ({
      epoch: t.exposeInt("epoch", { description: "That earned it." }),
      grantedBy: t.exposeInt("grantedBy", { description: "The epoch whose close granted it." }),
      lotBuyback: t.expose("lotBuyback", {
        type: "USDC",
        description: "Buyback of all epochs that share the lot.",
      }),
      lotBurn: t.expose("lotBurn", { type: "FLK", description: "Burned for them." }),
      flk: t.expose("flk", { type: "FLK", description: "To all nodes." }),
    }),
  });
}

type SettlementRow = typeof settlements.$inferSelect;

function stateOf({ voided, activatedBlock, holds }: SettlementRow) {
  if (voided) return "VOIDED";
  if (activatedBlock !== null) return "ACTIVE";
  return holds === 0 ? "PENDING" : "HELD";
}

/** In the order of the HELD_ bits of EpochSettlement. */
const HOLD_REASONS = [
  "STABLE_LIMIT",
  "FLK_LIMIT",
  "TOTALS",
  "CLOSE_TIME",
  "NO_COMMITTEE",
  "VETO",
  "COMMITTEE",
  "INSOLVENT",
] as const;

export function addSettlement(refs: Refs): void {
  refs.settlement.implement({
    description: "A settlement on the L2, from its events.",
    fields: (t) => ({
      state: t.field({ type: refs.settlementState, resolve: stateOf }),
      heldFor: t.field({
        type: [refs.holdReason],
        resolve: ({ holds }) => HOLD_REASONS.filter((_, bit) => (holds >> bit) % 2 === 1),
      }),
      activatesAt: t.expose("activatesAt", {
        type: "Counter",
        description: "Unix seconds from which on anyone may make it active, while nothing holds it.",
      }),
      activatedBlock: t.expose("activatedBlock", {
        type: "Counter",
        nullable: true,
        description: "L2 block.",
      }),
      activatedTx: t.expose("activatedTx", { type: "Hex", nullable: true }),
      flkMinted: t.expose("flkMinted", {
        type: "FLK",
        nullable: true,
        description:
          "Minted when it became active; less than the epoch granted while the ceiling of the token holds some back.",
      }),
      epoch: t.exposeInt("epoch"),
      digest: t.expose("digest", { type: "Hex" }),
      txHash: t.expose("txHash", { type: "Hex" }),
      block: t.expose("block", { type: "Counter", description: "L2 block." }),
      gasUsed: t.expose("gasUsed", { type: "Units", description: "Of the whole transaction." }),
      previous: t.expose("previous", { type: "Hex" }),
      closeTime: t.expose("closeTime", { type: "Counter", description: "Unix ms." }),
      l2Number: t.expose("l2Number", {
        type: "Counter",
        description: "The L2 checkpoint that the epoch had applied.",
      }),
      l2Hash: t.expose("l2Hash", { type: "Hex" }),
      stateRoot: t.expose("stateRoot", { type: "Hex" }),
      payoutRoot: t.expose("payoutRoot", { type: "Hex" }),
      balanceRoot: t.expose("balanceRoot", { type: "Hex" }),
      reportHash: t.expose("reportHash", { type: "Hex" }),
      totalBalances: t.expose("totalBalances", { type: "USDC" }),
      totalPayoutStable: t.expose("totalPayoutStable", { type: "USDC", description: "Cumulative." }),
      totalPayoutFlk: t.expose("totalPayoutFlk", { type: "FLK", description: "Cumulative." }),
      slashListHash: t.expose("slashListHash", { type: "Hex" }),
      nextCommitteeHash: t.expose("nextCommitteeHash", { type: "Hex" }),
    }),
  });
}

export function addBlock(refs: Refs): void {
  refs.block.implement({
    description: "A block of the protocol chain, by its commit certificate.",
    fields: (t) => ({
      height: t.expose("height", { type: "Counter" }),
      epoch: t.exposeInt("epoch"),
      index: t.exposeInt("index", { description: "Within its epoch, from 0." }),
      time: t.expose("time", { type: "Counter", description: "Unix ms." }),
      transactions: t.exposeInt("transactions"),
      blockRoot: t.expose("blockRoot", { type: "Hex" }),
      stateRoot: t.expose("stateRoot", { type: "Hex" }),
      anchor: t.expose("anchor", { type: "Hex", description: "Digest of the anchor certificate." }),
      anchorAuthor: t.exposeInt("anchorAuthor"),
      l2Block: t.expose("l2Block", { type: "Counter", description: "The L2 view after it." }),
    }),
  });
}
