import type { PgTable } from "drizzle-orm/pg-core";
import type * as tables from "../store/schema.ts";
import type { Builder } from "./builder.ts";
import type { Earning } from "./earnings.ts";
import { createLists } from "./list.ts";
import { LISTINGS } from "./listings.ts";
import type { Certificate } from "./types/certificate.ts";

export type Refs = ReturnType<typeof createRefs>;

/** A service in an epoch, or on the L2 now. */
export type ServiceValue = typeof tables.services.$inferSelect & {
  /** undefined: the prices on the L2 now */
  prices?: PriceValue[];
};
type PriceValue = Pick<typeof tables.prices.$inferSelect, "commodity" | "price">;

/** Every object type by name, before any of them has fields: they refer to each other. */
export function createRefs(builder: Builder) {
  const objects = createObjects(builder);
  return { ...objects, ...createEnums(builder), lists: createAllLists(builder, objects) };
}

function createObjects(builder: Builder) {
  const object = <T extends PgTable>(name: string) => builder.objectRef<T["$inferSelect"]>(name);
  return {
    account: object<typeof tables.accounts>("Account"),
    accountEpoch: object<typeof tables.accountEpochs>("AccountEpoch"),
    bid: object<typeof tables.bids>("Bid"),
    block: object<typeof tables.blocks>("Block"),
    claim: object<typeof tables.claims>("Claim"),
    certificate: builder.objectRef<Certificate>("Certificate"),
    committee: object<typeof tables.epochs>("Committee"),
    contractEvent: object<typeof tables.contractEvents>("ContractEvent"),
    delivery: object<typeof tables.deliveries>("Delivery"),
    deposit: object<typeof tables.deposits>("Deposit"),
    earning: builder.objectRef<Earning>("Earning"),
    epoch: object<typeof tables.epochs>("Epoch"),
    epochGrant: object<typeof tables.epochGrants>("EpochGrant"),
    escape: object<typeof tables.escapes>("Escape"),
    interruption: object<typeof tables.interruptions>("Interruption"),
    lane: object<typeof tables.lanes>("Lane"),
    lot: object<typeof tables.lots>("Lot"),
    measurement: object<typeof tables.measurements>("Measurement"),
    node: object<typeof tables.nodes>("Node"),
    nodeEpoch: object<typeof tables.nodeEpochs>("NodeEpoch"),
    parameter: object<typeof tables.parameters>("Parameter"),
    parameterChange: object<typeof tables.parameterChanges>("ParameterChange"),
    payout: object<typeof tables.accountEpochs>("Payout"),
    price: builder.objectRef<PriceValue>("Price"),
    priceChange: object<typeof tables.priceChanges>("PriceChange"),
    proposal: object<typeof tables.proposals>("Proposal"),
    reputationScore: object<typeof tables.nodeEpochs>("ReputationScore"),
    service: builder.objectRef<ServiceValue>("Service"),
    session: object<typeof tables.sessions>("Session"),
    settlement: object<typeof tables.settlements>("Settlement"),
    settlementEvent: object<typeof tables.settlementEvents>("SettlementEvent"),
    slash: object<typeof tables.slashes>("Slash"),
    stake: object<typeof tables.stakes>("Stake"),
    stakeLock: object<typeof tables.stakeLocks>("StakeLock"),
    thawRequest: object<typeof tables.thawRequests>("ThawRequest"),
    tokenTransfer: object<typeof tables.tokenTransfers>("FlkTransfer"),
    transaction: object<typeof tables.transactions>("Transaction"),
    transfer: object<typeof tables.transfers>("Transfer"),
    vote: object<typeof tables.votes>("Vote"),
    withdrawal: object<typeof tables.withdrawals>("Withdrawal"),
    withdrawRequest: object<typeof tables.withdrawRequests>("WithdrawRequest"),
    work: object<typeof tables.nodeWork>("Work"),
  };
}

function createAllLists(builder: Builder, refs: ReturnType<typeof createObjects>) {
  const list = createLists(builder);
  return {
    accounts: list(refs.account, LISTINGS.accounts),
    accountEpochs: list(refs.accountEpoch, LISTINGS.accountEpochs),
    bids: list(refs.bid, LISTINGS.bids),
    blocks: list(refs.block, LISTINGS.blocks),
    claims: list(refs.claim, LISTINGS.claims),
    contractEvents: list(refs.contractEvent, LISTINGS.contractEvents),
    deliveries: list(refs.delivery, LISTINGS.deliveries),
    deposits: list(refs.deposit, LISTINGS.deposits),
    epochs: list(refs.epoch, LISTINGS.epochs),
    escapes: list(refs.escape, LISTINGS.escapes),
    interruptions: list(refs.interruption, LISTINGS.interruptions),
    lanes: list(refs.lane, LISTINGS.lanes),
    lots: list(refs.lot, LISTINGS.lots),
    measurements: list(refs.measurement, LISTINGS.measurements),
    nodes: list(refs.node, LISTINGS.nodes),
    nodeEpochs: list(refs.nodeEpoch, LISTINGS.nodeEpochs),
    parameters: list(refs.parameter, LISTINGS.parameters),
    parameterChanges: list(refs.parameterChange, LISTINGS.parameterChanges),
    payouts: list(refs.payout, LISTINGS.payouts),
    priceChanges: list(refs.priceChange, LISTINGS.priceChanges),
    proposals: list(refs.proposal, LISTINGS.proposals),
    reputationScores: list(refs.reputationScore, LISTINGS.reputationScores),
    services: list(refs.service, LISTINGS.services),
    sessions: list(refs.session, LISTINGS.sessions),
    settlements: list(refs.settlement, LISTINGS.settlements),
    slashes: list(refs.slash, LISTINGS.slashes),
    stakes: list(refs.stake, LISTINGS.stakes),
    stakeLocks: list(refs.stakeLock, LISTINGS.stakeLocks),
    thawRequests: list(refs.thawRequest, LISTINGS.thawRequests),
    tokenTransfers: list(refs.tokenTransfer, LISTINGS.tokenTransfers),
    transactions: list(refs.transaction, LISTINGS.transactions),
    transfers: list(refs.transfer, LISTINGS.transfers),
    votes: list(refs.vote, LISTINGS.votes),
    withdrawals: list(refs.withdrawal, LISTINGS.withdrawals),
    withdrawRequests: list(refs.withdrawRequest, LISTINGS.withdrawRequests),
  };
}

function createEnums(builder: Builder) {
  return {
    finality: builder.enumType("Finality", {
      description:
        "How sure a record is. COMMITTED: certified by the committee of the protocol chain. SETTLED: its epoch is posted on the L2 with the same digest, waiting to become active. FINAL: its epoch is active on the L2, so that it can be claimed, in a block that is final; or, of what the L2 itself says, in a final block. Only a verified epoch is SETTLED or FINAL.",
      values: {
        COMMITTED: { description: "Certified on the protocol chain only, or not verified." },
        SETTLED: {
          description:
            "Posted on the L2 with the same digest, held or not, and not active in a final block yet.",
        },
        FINAL: { description: "Active on the L2, or said by the L2, in a final block." },
      } as const,
    }),
    settlementState: builder.enumType("SettlementState", {
      description: "How far a settlement is on the L2.",
      values: {
        PENDING: { description: "Posted: anyone may make it active from `activatesAt` on." },
        HELD: { description: "Waits for governance to release it, or to restart without it." },
        ACTIVE: { description: "Claims go against it, or against a later one." },
        VOIDED: { description: "Set aside by a restart: it will never be active." },
      } as const,
    }),
    holdReason: builder.enumType("HoldReason", {
      description: "Why a settlement is held.",
      values: {
        STABLE_LIMIT: { description: "It adds more stablecoin to the payouts than the limit for one epoch." },
        FLK_LIMIT: { description: "It adds more FLK to the payouts than the limit for one epoch." },
        TOTALS: { description: "Its totals fall, or do not fit." },
        CLOSE_TIME: { description: "It closes no later than the one before, or too far ahead of the L2." },
        NO_COMMITTEE: { description: "It names no next committee." },
        VETO: { description: "The guardian vetoed it." },
        COMMITTEE: { description: "Somebody proved that its next committee is wrong." },
        INSOLVENT: { description: "The vault did not cover it when it was due." },
      } as const,
    }),
  };
}
