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

function addParameter(refs: Refs): void {
  const { parameterChanges: history } = refs.lists;
  refs.parameter.implement({
    description: "A governed number: on the L2 now, or in force in the epoch that was asked for.",
    fields: (t) => ({
      key: t.exposeString("key"),
      value: t.expose("value", { type: "Units" }),
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
      key: t.exposeString("key"),
      value: t.expose("value", { type: "Units" }),
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

function addProposal(builder: Builder, refs: Refs): void {
  const state = builder.enumType("ProposalState", {
    description:
      "By events. Whether a CREATED one is voted on, passed or failed is a matter of time and quorum.",
    values: ["CREATED", "QUEUED", "EXECUTED", "CANCELED"] as const,
  });
  type State = (typeof state)["$inferType"];
  const call = builder.objectRef<Call>("ProposalCall").implement({
    description: "What a proposal does to one contract, once it is executed.",
    fields: (t) => ({
      target: t.expose("target", { type: "Address" }),
      value: t.field({ type: "Units", description: "wei of ether.", resolve: (row) => BigInt(row.value) }),
      data: t.expose("data", { type: "Hex" }),
    }),
  });
  refs.proposal.implement({
    description: "A proposal of the governor, with its votes so far.",
    fields: (t) => ({
      id: t.exposeString("id", { description: "Decimal." }),
      proposer: t.expose("proposer", { type: "Address" }),
      description: t.exposeString("description"),
      calls: t.field({ type: [call], resolve: (row) => JSON.parse(row.calls) as Call[] }),
      state: t.field({ type: state, resolve: (row) => row.state as State }),
      voteStart: t.expose("voteStart", { type: "Counter", description: "Unix seconds." }),
      voteEnd: t.expose("voteEnd", { type: "Counter", description: "Unix seconds; a late quorum moves it." }),
      executableAt: t.expose("executableAt", {
        type: "Counter",
        nullable: true,
        description: "Unix seconds, once it is queued.",
      }),
      closedBlock: t.expose("closedBlock", {
        type: "Counter",
        nullable: true,
        description: "L2 block that executed or canceled it.",
      }),
      closedTx: t.expose("closedTx", { type: "Hex", nullable: true }),
      votesFor: t.expose("votesFor", { type: "FLK" }),
      votesAgainst: t.expose("votesAgainst", { type: "FLK" }),
      votesAbstain: t.expose("votesAbstain", { type: "FLK" }),
      votes: childList(t, refs.lists.votes, "id", { parent: votes.proposal }),
      ...ofLog(t, refs),
    }),
  });
}

function addVote(builder: Builder, refs: Refs): void {
  const SUPPORT = ["AGAINST", "FOR", "ABSTAIN"] as const;
  const support = builder.enumType("VoteSupport", { values: SUPPORT });
  refs.vote.implement({
    description: "What one account said to a proposal.",
    fields: (t) => ({
      proposal: t.exposeString("proposal", { description: "Its id." }),
      voter: t.expose("voter", { type: "Address" }),
      support: t.field({ type: support, resolve: (row) => SUPPORT[row.support] ?? "ABSTAIN" }),
      weight: t.expose("weight", { type: "FLK" }),
      reason: t.exposeString("reason"),
      ...ofLog(t, refs),
    }),
  });
}

function addLot(refs: Refs): void {
  refs.lot.implement({
    description: "Buyback of some epochs, on sale for FLK that is burned.",
    fields: (t) => ({
      id: t.expose("id", { type: "Counter" }),
      fromEpoch: t.exposeInt("fromEpoch"),
      toEpoch: t.exposeInt("toEpoch", { description: "Inclusive." }),
      amount: t.expose("amount", { type: "USDC" }),
      revenue: t.expose("revenue", {
        type: "USDC",
        description: "Of the amount: what its epochs brought. The rest earlier lots left.",
      }),
      startPrice: t.expose("startPrice", { type: "Units", description: "wei per micro-USD." }),
      floorPrice: t.expose("floorPrice", { type: "Units", description: "wei per micro-USD." }),
      opensAt: t.expose("opensAt", { type: "Counter", description: "Unix seconds; a pause moves it." }),
      closesAt: t.expose("closesAt", { type: "Counter", description: "Unix seconds; a pause moves it." }),
      closed: t.exposeBoolean("closed"),
      closedBlock: t.expose("closedBlock", { type: "Counter", nullable: true }),
      sold: t.expose("sold", { type: "USDC" }),
      burned: t.expose("burned", { type: "FLK" }),
      rolled: t.expose("rolled", {
        type: "USDC",
        nullable: true,
        description: "Left for a later lot, once it is closed.",
      }),
      counted: t.expose("counted", {
        type: "FLK",
        nullable: true,
        description: "Of the burn: what grants for its epochs are measured by, once it is closed.",
      }),
      bids: childList(t, refs.lists.bids, "id", { parent: bids.lot }),
      ...ofLog(t, refs),
    }),
  });
  refs.bid.implement({
    description: "A part of a lot that was bought for FLK, which is burned.",
    fields: (t) => ({
      lot: t.expose("lot", { type: "Counter" }),
      bidder: t.expose("bidder", { type: "Address" }),
      recipient: t.expose("recipient", { type: "Address" }),
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
      logIndex: t.exposeInt("logIndex"),
      ...ofLog(t, refs),
    }),
  });
  refs.interruption.implement({
    description: "The L2 froze or restarted the settlement.",
    fields: (t) => ({
      kind: t.exposeString("kind", { description: "FROZEN or RESTARTED." }),
      activeEpochs: t.exposeInt("activeEpochs", { description: "The newest active epoch + 1." }),
      resumeEpoch: t.exposeInt("resumeEpoch", {
        nullable: true,
        description: "The epoch that a restart opens.",
      }),
      ...ofLog(t, refs),
    }),
  });
}
