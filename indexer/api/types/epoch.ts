import { accountEpochs, blocks, nodeEpochs, type settlements, transactions } from "../../store/schema.ts";
import { finalityOf } from "../finality.ts";
import type { Refs } from "../refs.ts";
import { ofCommittee } from "../work.ts";
import { certificateOf } from "./certificate.ts";
import { membersOf } from "./committee.ts";
import { childList, ofEpoch, ofLog } from "./fields.ts";

export function addEpoch(refs: Refs): void {
  const { lists } = refs;
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
      units: t.expose("units", {
        type: "Units",
        deprecationReason: "It adds ms to bytes: ask for bytes and ms.",
        ...unverified,
      }),
      bytes: t.expose("bytes", { type: "Units", description: "Bandwidth.", ...unverified }),
      ms: t.expose("ms", { type: "Units", description: "Compute.", ...unverified }),
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
        ...ofCommittee,
        type: ["Int"],
        description: "Node ids, ascending.",
        resolve: (row) => membersOf(row).map((member) => member.nodeId),
      }),
      digest: t.expose("digest", {
        type: "Hex",
        nullable: true,
        description: "That its committee certified.",
      }),
      certificate: t.field({
        ...ofCommittee,
        type: refs.certificate,
        nullable: true,
        description: "Null until the node has it; its settlement is the one of `digest`.",
        resolve: (row) => certificateOf(row),
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
      seats: t.field({
        type: refs.committee,
        description: "Its committee, with keys and power.",
        resolve: (row) => row,
      }),
      nodes: childList(t, lists.nodeEpochs, "number", { parent: nodeEpochs.epoch, orderBy: "NODE" }),
      accounts: childList(t, lists.accountEpochs, "number", {
        parent: accountEpochs.epoch,
        orderBy: "ACCOUNT",
        description: "Every balance and cumulative payout at its close.",
      }),
      blockList: childList(t, lists.blocks, "number", { parent: blocks.epoch }),
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

function heldFor(holds: number) {
  return HOLD_REASONS.filter((_, bit) => (holds >> bit) % 2 === 1);
}

export function addSettlement(refs: Refs): void {
  addSettlementEvent(refs);
  refs.settlement.implement({
    description: "A settlement on the L2, from its events.",
    fields: (t) => ({
      state: t.field({ type: refs.settlementState, resolve: stateOf }),
      heldFor: t.field({
        type: [refs.holdReason],
        resolve: ({ holds }) => heldFor(holds),
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
      time: t.expose("time", { type: "Counter", description: "Unix ms of the L2 block." }),
      certificate: t.field({
        ...ofCommittee,
        type: refs.certificate,
        nullable: true,
        description:
          "Of the committee, for the same digest; null when the chain that is followed has none for it.",
        resolve: async (row, _, { loaders }) => {
          const epoch = await loaders.epoch(row.epoch);
          return epoch?.digest === row.digest ? certificateOf(epoch) : null;
        },
      }),
      finality: t.field({
        type: refs.finality,
        description: "Of its epoch, if that was settled with this digest; COMMITTED when it was not.",
        resolve: async (row, _, context) => {
          const epoch = await context.loaders.epoch(row.epoch);
          return epoch?.digest === row.digest ? finalityOf(epoch, context) : "COMMITTED";
        },
      }),
      history: t.field({
        type: [refs.settlementEvent],
        description: "Oldest first.",
        resolve: async (row, _, { loaders }) => (await loaders.settlementEvents(row.epoch)) ?? [],
      }),
    }),
  });
}

function addSettlementEvent(refs: Refs): void {
  refs.settlementEvent.implement({
    description: "Something happened to a settlement.",
    fields: (t) => ({
      epoch: t.exposeInt("epoch"),
      kind: t.exposeString("kind", { description: "POSTED, HELD, RELEASED, ACTIVATED or VOIDED." }),
      heldFor: t.field({
        type: [refs.holdReason],
        description: "From then on.",
        resolve: ({ holds }) => heldFor(holds),
      }),
      ...ofLog(t, refs),
    }),
  });
}

export function addBlock(refs: Refs): void {
  const { lists } = refs;
  refs.block.implement({
    description: "A block of the protocol chain, by its commit certificate.",
    fields: (t) => ({
      height: t.expose("height", { type: "Counter" }),
      ...ofEpoch(t, refs),
      index: t.exposeInt("index", { description: "Within its epoch, from 0." }),
      time: t.expose("time", { type: "Counter", description: "Unix ms." }),
      transactions: t.exposeInt("transactions"),
      blockRoot: t.expose("blockRoot", { type: "Hex" }),
      stateRoot: t.expose("stateRoot", { type: "Hex" }),
      anchor: t.expose("anchor", { type: "Hex", description: "Digest of the anchor certificate." }),
      anchorAuthor: t.exposeInt("anchorAuthor"),
      l2Block: t.expose("l2Block", { type: "Counter", description: "The L2 view after it." }),
      transactionList: childList(t, lists.transactions, "height", {
        parent: transactions.height,
        description: "In their order.",
      }),
    }),
  });
}
