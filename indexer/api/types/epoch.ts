import { accountEpochs, blocks, type epochs, nodeEpochs, transactions } from "../../store/schema.ts";
import { finalityOf } from "../finality.ts";
import type { Refs } from "../refs.ts";
import { ofCommittee } from "../work.ts";
import { certificateOf } from "./certificate.ts";
import { membersOf } from "./committee.ts";
import { childList, type Fields, ofEpoch } from "./fields.ts";

export function addEpoch(refs: Refs): void {
  const { lists } = refs;
  refs.epoch.implement({
    description: "Fields of the report (lanes to buyback) are null until it is verified.",
    fields: (t) => ({
      number: t.exposeInt("number", {
        description: "From 0, one after the other but for those that a restart leaves out.",
      }),
      openTime: t.expose("openTime", { type: "Counter", description: "When it opened: Unix ms." }),
      closeTime: t.expose("closeTime", {
        type: "Counter",
        nullable: true,
        description: "When it closed: Unix ms; null while open.",
      }),
      blocks: t.exposeInt("blocks", { description: "Blocks of the protocol chain in it, so far." }),
      transactions: t.expose("transactions", {
        type: "Counter",
        description: "Transactions in its blocks so far, applied or rejected.",
      }),
      ...ofReport(t, refs),
      ...ofCertified(t, refs),
      verified: t.exposeBoolean("verified", {
        description: "Its report, balances and payouts agree with the blocks, the L2 and the settlement.",
      }),
      problem: t.exposeString("problem", {
        nullable: true,
        description:
          "Code of what does not agree, such as ERR_REPORT_HASH; null while nothing is known against it.",
      }),
      finality: t.field({
        type: refs.finality,
        description: "How sure it is, now: COMMITTED, too, while it is open.",
        resolve: (row, _, context) => finalityOf(row, context),
      }),
      settlement: t.field({
        type: refs.settlement,
        nullable: true,
        description: "As the L2 has it, final blocks only: posted, perhaps not active yet; null before.",
        resolve: (row, _, { loaders }) => loaders.settlement(row.number),
      }),
      seats: t.field({
        type: refs.committee,
        description: "Its committee, with keys and power.",
        resolve: (row) => row,
      }),
      nodes: childList(t, lists.nodeEpochs, "number", {
        parent: nodeEpochs.epoch,
        orderBy: "NODE",
        description: "Stake, work, reputation and rewards of every node, by id; none until it is verified.",
      }),
      accounts: childList(t, lists.accountEpochs, "number", {
        parent: accountEpochs.epoch,
        orderBy: "ACCOUNT",
        description: "Every balance and cumulative payout at its close, by address.",
      }),
      blockList: childList(t, lists.blocks, "number", { parent: blocks.epoch, description: "Oldest first." }),
    }),
  });
}

type EpochFields = Fields<typeof epochs.$inferSelect>;

/** Null until it is verified. */
function ofReport(t: EpochFields, refs: Refs) {
  const unverified = { nullable: true } as const;
  return {
    lanes: t.expose("lanes", {
      type: "Counter",
      description: "Lanes that were paid for the first time.",
      ...unverified,
    }),
    deliveries: t.expose("deliveries", { type: "Counter", description: "That were paid.", ...unverified }),
    units: t.expose("units", {
      type: "Units",
      description: "Bytes of bandwidth and ms of compute in one sum.",
      deprecationReason: "It adds ms to bytes: ask for bytes and ms.",
      ...unverified,
    }),
    bytes: t.expose("bytes", {
      type: "Units",
      description: "Bandwidth that was paid, in bytes.",
      ...unverified,
    }),
    ms: t.expose("ms", { type: "Units", description: "Compute that was paid, in ms.", ...unverified }),
    revenue: t.expose("revenue", {
      type: "USDC",
      description: "What clients paid in it: the sum of all shares.",
      ...unverified,
    }),
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
    treasury: t.expose("treasury", {
      type: "USDC",
      description: "Of the revenue: the treasury's share, with what was left of shares that have no payee.",
      ...unverified,
    }),
    buyback: t.expose("buyback", {
      type: "USDC",
      description: "Of the revenue: what a lot of the auction sells for FLK, to burn it.",
      ...unverified,
    }),
  };
}

function ofCertified(t: EpochFields, refs: Refs) {
  return {
    committee: t.field({
      ...ofCommittee,
      type: ["Int"],
      description: "Node ids, ascending.",
      resolve: (row) => membersOf(row).map((member) => member.nodeId),
    }),
    digest: t.expose("digest", {
      type: "Hex",
      nullable: true,
      description: "keccak256 of the settlement that its committee certified; null until the node has one.",
    }),
    certificate: t.field({
      ...ofCommittee,
      type: refs.certificate,
      nullable: true,
      description: "Null until the node has it; its settlement is the one of `digest`.",
      resolve: (row) => certificateOf(row),
    }),
  };
}

export function addEpochGrant(refs: Refs): void {
  refs.epochGrant.implement({
    description: "FLK granted for an epoch, by what the lot of its buyback burned.",
    fields: (t) => ({
      epoch: t.exposeInt("epoch", { description: "Number of the epoch that earned it." }),
      grantedBy: t.exposeInt("grantedBy", { description: "Number of the epoch whose close granted it." }),
      lotBuyback: t.expose("lotBuyback", {
        type: "USDC",
        description: "Buyback of all epochs that share the lot.",
      }),
      lotBurn: t.expose("lotBurn", { type: "FLK", description: "Burned for them." }),
      flk: t.expose("flk", { type: "FLK", description: "To all nodes." }),
    }),
  });
}

export function addBlock(refs: Refs): void {
  const { lists } = refs;
  refs.block.implement({
    description: "A block of the protocol chain, by its commit certificate.",
    fields: (t) => ({
      height: t.expose("height", {
        type: "Counter",
        description: "Number of the block in the protocol chain, from 0.",
      }),
      ...ofEpoch(t, refs, "Number of the epoch that it is in."),
      index: t.exposeInt("index", { description: "Within its epoch, from 0." }),
      time: t.expose("time", {
        type: "Counter",
        description:
          "Unix ms, by the median of its committee's clocks; never earlier than of the block before.",
      }),
      transactions: t.exposeInt("transactions", { description: "How many it has, applied or rejected." }),
      blockRoot: t.expose("blockRoot", {
        type: "Hex",
        description: "SSZ root of the block: what the next one names.",
      }),
      stateRoot: t.expose("stateRoot", {
        type: "Hex",
        description: "SSZ root of the protocol chain's state after it.",
      }),
      anchor: t.expose("anchor", { type: "Hex", description: "Digest of the anchor certificate." }),
      anchorAuthor: t.exposeInt("anchorAuthor", {
        description: "Id of the node that led: the author of the anchor.",
      }),
      l2Block: t.expose("l2Block", {
        type: "Counter",
        description: "Number of the L2 block up to which the chain has applied what the L2 says, after it.",
      }),
      transactionList: childList(t, lists.transactions, "height", {
        parent: transactions.height,
        description: "In their order.",
      }),
    }),
  });
}
