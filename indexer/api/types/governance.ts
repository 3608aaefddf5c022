import { bids, parameterChanges, votes } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { childList, ofLog } from "./fields.ts";

/** What governance decides, the buyback auction, and every other event. */
export function addGovernance(builder: Builder, refs: Refs): void {
  addParameter(refs);
  addProposal(builder, refs);
  addVote(builder, refs);
  addLot(refs);
  addContractEvent(refs);
}

const KEY = "Its name on the L2, such as epochLengthMs.";
const VALUE =
  "A whole number in the unit that the name says: Ms for ms, Bps for hundredths of a percent; an address as a number.";

function addParameter(refs: Refs): void {
  const { parameterChanges: history } = refs.lists;
  refs.parameter.implement({
    description: "A governed number: on the L2 now, or in force in the epoch that was asked for.",
    fields: (t) => ({
      key: t.exposeString("key", { description: KEY }),
      value: t.expose("value", { type: "Units", description: VALUE }),
      history: childList(t, history, "key", {
        parent: parameterChanges.key,
        direction: "DESC",
        description: "Newest first.",
      }),
    }),
  });
  refs.parameterChange.implement({
    description: "A parameter was set.",
    fields: (t) => ({
      key: t.exposeString("key", { description: KEY }),
      value: t.expose("value", { type: "Units", description: VALUE }),
      effectiveEpoch: t.exposeInt("effectiveEpoch", {
        description:
          "From which on the L2 counts it; 0 at the deployment. The protocol chain does from the epoch after the one that saw the L2 block.",
      }),
      ...ofLog(t, refs),
    }),
  });
}

interface Call {
  target: string;
  value: string;
  data: string;
}

const CAST = "Votes so far, in FLK that was delegated to the voters when voting began.";

function addProposal(builder: Builder, refs: Refs): void {
  const state = builder.enumType("ProposalState", {
    description:
      "By events. Whether a CREATED one is voted on, passed or failed is a matter of time and quorum.",
    values: {
      CREATED: { description: "It is, was or will be voted on." },
      QUEUED: { description: "It passed, and waits in the timelock until `executableAt`." },
      EXECUTED: { description: "Its calls were made." },
      CANCELED: { description: "It was taken back, and its calls will not be made." },
    } as const,
  });
  type State = (typeof state)["$inferType"];
  const call = builder.objectRef<Call>("ProposalCall").implement({
    description: "What a proposal does to one contract, once it is executed.",
    fields: (t) => ({
      target: t.expose("target", { type: "Address", description: "The contract that is called." }),
      value: t.field({
        type: "Units",
        description: "Ether that goes with it, in wei.",
        resolve: (row) => BigInt(row.value),
      }),
      data: t.expose("data", { type: "Hex", description: "Selector and ABI-encoded arguments." }),
    }),
  });
  refs.proposal.implement({
    description: "A proposal of the governor, with its votes so far.",
    fields: (t) => ({
      id: t.exposeString("id", { description: "As the governor computes it: 256 bits in decimal." }),
      proposer: t.expose("proposer", { type: "Address", description: "Account that made it." }),
      description: t.exposeString("description", {
        description: "The proposer's own words: the first 65536 UTF-16 units of them.",
      }),
      calls: t.field({
        type: [call],
        description: "In the order in which they are made.",
        resolve: (row) => JSON.parse(row.calls) as Call[],
      }),
      state: t.field({
        type: state,
        description: "As it is now, by events in final L2 blocks.",
        resolve: (row) => row.state as State,
      }),
      voteStart: t.expose("voteStart", {
        type: "Counter",
        description: "When votes begin to count: Unix seconds.",
      }),
      voteEnd: t.expose("voteEnd", {
        type: "Counter",
        description: "When votes end: Unix seconds; a late quorum moves it.",
      }),
      executableAt: t.expose("executableAt", {
        type: "Counter",
        nullable: true,
        description: "From when on it can be executed: Unix seconds; null until it is queued.",
      }),
      closedBlock: t.expose("closedBlock", {
        type: "Counter",
        nullable: true,
        description: "Number of the L2 block that executed or canceled it; null before.",
      }),
      closedTx: t.expose("closedTx", {
        type: "Hex",
        nullable: true,
        description: "Hash of the L2 transaction that did; null before.",
      }),
      votesFor: t.expose("votesFor", { type: "FLK", description: CAST }),
      votesAgainst: t.expose("votesAgainst", { type: "FLK", description: CAST }),
      votesAbstain: t.expose("votesAbstain", { type: "FLK", description: CAST }),
      votes: childList(t, refs.lists.votes, "id", { parent: votes.proposal, description: "Oldest first." }),
      ...ofLog(t, refs),
    }),
  });
}

function addVote(builder: Builder, refs: Refs): void {
  const SUPPORT = ["AGAINST", "FOR", "ABSTAIN"] as const;
  const support = builder.enumType("VoteSupport", {
    description: "What a vote says.",
    values: {
      AGAINST: { description: "No." },
      FOR: { description: "Yes." },
      ABSTAIN: { description: "Neither: it counts for the quorum only." },
    } as const,
  });
  refs.vote.implement({
    description: "What one account said to a proposal.",
    fields: (t) => ({
      proposal: t.exposeString("proposal", { description: "`Proposal.id` of what it is a vote on." }),
      voter: t.expose("voter", { type: "Address", description: "Account that voted." }),
      support: t.field({
        type: support,
        description: "What it said; another number than the governor knows is ABSTAIN.",
        resolve: (row) => SUPPORT[row.support] ?? "ABSTAIN",
      }),
      weight: t.expose("weight", {
        type: "FLK",
        description: "What the vote counts: FLK that was delegated to the voter when voting began.",
      }),
      reason: t.exposeString("reason", { description: "The voter's own words; empty when there are none." }),
      ...ofLog(t, refs),
    }),
  });
}

function addLot(refs: Refs): void {
  refs.lot.implement({
    description:
      "Buyback of some epochs, on sale for FLK that is burned: now, or with `atEpoch` at the close of that epoch. `bids` are not cut by it.",
    fields: (t) => ({
      id: t.expose("id", { type: "Counter", description: "Number that the auction gave it." }),
      fromEpoch: t.exposeInt("fromEpoch", {
        description: "Number of the first epoch whose buyback it sells.",
      }),
      toEpoch: t.exposeInt("toEpoch", { description: "Number of the last epoch whose buyback it sells." }),
      amount: t.expose("amount", { type: "USDC", description: "On sale in all, what is sold included." }),
      revenue: t.expose("revenue", {
        type: "USDC",
        description: "Of the amount: what its epochs brought. The rest earlier lots left.",
      }),
      startPrice: t.expose("startPrice", {
        type: "Units",
        description: "Price at which it opens: wei of FLK per micro-USD.",
      }),
      floorPrice: t.expose("floorPrice", {
        type: "Units",
        description: "Price to which it falls until it closes: wei of FLK per micro-USD.",
      }),
      opensAt: t.expose("opensAt", {
        type: "Counter",
        description: "When bids are taken from: Unix seconds; a pause moves it.",
      }),
      closesAt: t.expose("closesAt", {
        type: "Counter",
        description: "When bids are taken until: Unix seconds; a pause moves it.",
      }),
      closed: t.exposeBoolean("closed", {
        description: "Whether an L2 transaction has closed it: it may be due, and nobody has.",
      }),
      closedBlock: t.expose("closedBlock", {
        type: "Counter",
        nullable: true,
        description: "Number of the L2 block that closed it; null while it is open.",
      }),
      sold: t.expose("sold", { type: "USDC", description: "Of the amount: what was bought so far." }),
      burned: t.expose("burned", { type: "FLK", description: "Paid for it and burned so far." }),
      rolled: t.expose("rolled", {
        type: "USDC",
        nullable: true,
        description: "Of the amount: left for a later lot; null while it is open.",
      }),
      counted: t.expose("counted", {
        type: "FLK",
        nullable: true,
        description: "Of the burn: what grants for its epochs are measured by; null while it is open.",
      }),
      bids: childList(t, refs.lists.bids, "id", { parent: bids.lot, description: "Oldest first." }),
      ...ofLog(t, refs),
    }),
  });
  refs.bid.implement({
    description: "A part of a lot that was bought for FLK, which is burned.",
    fields: (t) => ({
      lot: t.expose("lot", { type: "Counter", description: "`Lot.id` of what was bought of." }),
      bidder: t.expose("bidder", { type: "Address", description: "Account that paid the FLK." }),
      recipient: t.expose("recipient", { type: "Address", description: "Account that got the stablecoin." }),
      stable: t.expose("stable", { type: "USDC", description: "Bought." }),
      flk: t.expose("flk", { type: "FLK", description: "Burned." }),
      ...ofLog(t, refs),
    }),
  });
}

function addContractEvent(refs: Refs): void {
  refs.contractEvent.implement({
    description:
      "An event of the network's contracts as it was told. Upgrades, roles, pauses, terms, timelock calls and delegated votes have no other type.",
    fields: (t) => ({
      contract: t.exposeString("contract", { description: "Its name in config.toml." }),
      name: t.exposeString("name", {
        nullable: true,
        description: "Null when this version of flk does not know the event.",
      }),
      args: t.exposeString("args", {
        description:
          "JSON: arguments by name, whole numbers as decimal strings; topics and data of an unknown event.",
      }),
      logIndex: t.exposeInt("logIndex", { description: "Place within its L2 block, from 0." }),
      ...ofLog(t, refs),
    }),
  });
  refs.interruption.implement({
    description: "The L2 froze or restarted the settlement.",
    fields: (t) => ({
      kind: t.exposeString("kind", { description: "FROZEN or RESTARTED." }),
      activeEpochs: t.exposeInt("activeEpochs", {
        description: "Settlements that were active: the number of the newest active epoch, and 1.",
      }),
      resumeEpoch: t.exposeInt("resumeEpoch", {
        nullable: true,
        description: "Number of the epoch that a restart opens; null for a freeze.",
      }),
      ...ofLog(t, refs),
    }),
  });
}
