import type { PgTable } from "drizzle-orm/pg-core";
import {
  bids,
  contractEvents,
  interruptions,
  lots,
  parameterChanges,
  parameters,
  priceChanges,
  proposals,
  services,
  votes,
} from "../store/schema.ts";
import type { Listing } from "./list.ts";
import { address, code, counter, flag, flk, hex, int, ofLogs, text, units, usdc } from "./listing-kinds.ts";

/** Services and their prices, parameters, votes, the buyback, and every other event. */
export const GOVERNED_LISTINGS = {
  services: {
    table: services,
    key: [services.id],
    orders: { ID: [services.id] },
    filters: {
      id: int(services.id),
      owner: address(services.owner),
      metadataUri: text(services.metadataUri),
    },
  },
  priceChanges: ofLogs(priceChanges, {
    service: int(priceChanges.service),
    commodity: int(priceChanges.commodity),
    time: counter(priceChanges.time),
  }),
  parameters: {
    table: parameters,
    key: [parameters.key],
    orders: { KEY: [parameters.key] },
    filters: { key: text(parameters.key), value: units(parameters.value) },
  },
  parameterChanges: ofLogs(parameterChanges, {
    key: text(parameterChanges.key),
    effectiveEpoch: int(parameterChanges.effectiveEpoch),
    time: counter(parameterChanges.time),
  }),
  interruptions: ofLogs(interruptions, {
    kind: code(interruptions.kind),
    time: counter(interruptions.time),
  }),
  proposals: {
    table: proposals,
    key: [proposals.id],
    orders: { BLOCK: [proposals.block, proposals.logIndex], VOTE_END: [proposals.voteEnd] },
    filters: {
      id: code(proposals.id),
      block: counter(proposals.block),
      time: counter(proposals.time),
      proposer: address(proposals.proposer),
      state: code(proposals.state),
      description: text(proposals.description),
      voteEnd: counter(proposals.voteEnd),
    },
  },
  votes: ofLogs(
    votes,
    {
      proposal: code(votes.proposal),
      voter: address(votes.voter),
      weight: flk(votes.weight),
      time: counter(votes.time),
    },
    { WEIGHT: [votes.weight] },
  ),
  lots: {
    table: lots,
    key: [lots.id],
    orders: { ID: [lots.id] },
    filters: {
      id: counter(lots.id),
      fromEpoch: int(lots.fromEpoch),
      toEpoch: int(lots.toEpoch),
      amount: usdc(lots.amount),
      block: counter(lots.block),
      opensAt: counter(lots.opensAt),
      closesAt: counter(lots.closesAt),
      closed: flag(lots.closed),
    },
  },
  bids: ofLogs(bids, { lot: counter(bids.lot), bidder: address(bids.bidder) }),
  contractEvents: ofLogs(contractEvents, {
    contract: code(contractEvents.contract),
    name: code(contractEvents.name),
    txHash: hex(contractEvents.txHash),
  }),
} satisfies Record<string, Listing<PgTable>>;
