import type { PgTable } from "drizzle-orm/pg-core";
import * as tables from "../store/schema.ts";
import { GOVERNED_LISTINGS } from "./governed-listings.ts";
import type { Listing } from "./list.ts";
import {
  address,
  code,
  counter,
  flag,
  flk,
  hex,
  int,
  ofLogs,
  ofTransactions,
  text,
  usdc,
} from "./listing-kinds.ts";

const {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deliveries,
  deposits,
  epochs,
  interruptions,
  lanes,
  lots,
  measurements,
  nodeEpochs,
  nodes,
  parameterChanges,
  parameters,
  priceChanges,
  proposals,
  services,
  sessions,
  settlements,
  slashes,
  stakeLocks,
  stakes,
  thawRequests,
  tokenTransfers,
  transactions,
  transfers,
  votes,
  withdrawals,
  withdrawRequests,
  escapes,
} = tables;

const ofAccountEpochs: Listing<typeof accountEpochs> = {
  table: accountEpochs,
  key: [accountEpochs.epoch, accountEpochs.account],
  orders: {
    EPOCH: [accountEpochs.epoch, accountEpochs.account],
    ACCOUNT: [accountEpochs.account, accountEpochs.epoch],
  },
  filters: { epoch: int(accountEpochs.epoch), account: address(accountEpochs.account) },
};

/** Each type of node shows other columns of them. */
function ofNodeEpochs(
  orders: Listing<typeof nodeEpochs>["orders"],
  filters: Listing<typeof nodeEpochs>["filters"],
): Listing<typeof nodeEpochs> {
  const { epoch, node, owner } = nodeEpochs;
  const key = [epoch, node];
  return {
    table: nodeEpochs,
    key,
    orders: { EPOCH: key, NODE: [node, epoch], ...orders },
    filters: { epoch: int(epoch), node: int(node), owner: address(owner), ...filters },
  };
}

/** The lists of the API. Every column to filter or order by has an index, or its table is small. */
export const LISTINGS = {
  accounts: {
    table: accounts,
    key: [accounts.address],
    orders: {
      ADDRESS: [accounts.address],
      BALANCE: [accounts.balance],
      DEPOSITS: [accounts.deposits],
      PAYOUT_STABLE: [accounts.payoutStable],
      PAYOUT_FLK: [accounts.payoutFlk],
    },
    filters: {
      address: address(accounts.address),
      balance: usdc(accounts.balance),
      deposits: usdc(accounts.deposits),
      payoutStable: usdc(accounts.payoutStable),
      payoutFlk: flk(accounts.payoutFlk),
    },
  },
  accountEpochs: ofAccountEpochs,
  nodes: {
    table: nodes,
    key: [nodes.id],
    orders: {
      ID: [nodes.id],
      STAKE: [nodes.stake],
      REPUTATION: [nodes.orderedReputation],
      UNITS: [nodes.units],
      REWARD_STABLE: [nodes.rewardStable],
      REWARD_FLK: [nodes.rewardFlk],
    },
    filters: {
      id: int(nodes.id),
      owner: address(nodes.owner),
      operator: address(nodes.operator),
      payee: address(nodes.payee),
      consensusKey: hex(nodes.consensusKey),
      networkKey: hex(nodes.networkKey),
      stake: flk(nodes.stake),
      thawing: flk(nodes.thawing),
      slashed: flk(nodes.slashed),
      lockedUntil: counter(nodes.lockedUntil),
      reputation: int(nodes.reputation),
      optedIn: flag(nodes.optedIn),
      endpoints: text(nodes.endpoints, "Its multiaddresses as one text, with commas between them."),
    },
  },
  nodeEpochs: ofNodeEpochs(
    { REPUTATION: [nodeEpochs.reputation], REVENUE: [nodeEpochs.revenue] },
    { reputation: int(nodeEpochs.reputation), revenue: usdc(nodeEpochs.revenue) },
  ),
  reputationScores: ofNodeEpochs({ SCORE: [nodeEpochs.reputation] }, { score: int(nodeEpochs.reputation) }),
  payouts: { ...ofAccountEpochs, sparse: true },
  epochs: {
    table: epochs,
    key: [epochs.number],
    orders: { NUMBER: [epochs.number] },
    filters: {
      number: int(epochs.number),
      verified: flag(epochs.verified),
      final: flag(epochs.final, "Its finality is FINAL."),
      openTime: counter(epochs.openTime),
      closeTime: counter(epochs.closeTime),
    },
  },
  settlements: {
    table: settlements,
    key: [settlements.epoch],
    orders: { EPOCH: [settlements.epoch] },
    filters: {
      epoch: int(settlements.epoch),
      digest: hex(settlements.digest),
      txHash: hex(settlements.txHash),
      block: counter(settlements.block),
      time: counter(settlements.time),
      activatesAt: counter(settlements.activatesAt),
      activatedBlock: counter(settlements.activatedBlock),
      voided: flag(settlements.voided, "Its state is VOIDED."),
    },
  },
  blocks: {
    table: blocks,
    key: [blocks.height],
    orders: { HEIGHT: [blocks.height] },
    filters: {
      height: counter(blocks.height),
      epoch: int(blocks.epoch),
      anchorAuthor: int(blocks.anchorAuthor),
      time: counter(blocks.time),
    },
  },
  deposits: ofLogs(
    deposits,
    { account: address(deposits.account), amount: usdc(deposits.amount), time: counter(deposits.time) },
    { AMOUNT: [deposits.amount] },
  ),
  claims: ofLogs(
    claims,
    {
      account: address(claims.account),
      payee: address(claims.payee),
      stable: usdc(claims.stable),
      flk: flk(claims.flk),
      time: counter(claims.time),
    },
    { STABLE: [claims.stable], FLK: [claims.flk] },
  ),
  withdrawRequests: ofLogs(withdrawRequests, { account: address(withdrawRequests.account) }),
  escapes: ofLogs(escapes, { account: address(escapes.account) }),
  tokenTransfers: ofLogs(tokenTransfers, {
    from: address(tokenTransfers.from),
    to: address(tokenTransfers.to),
    time: counter(tokenTransfers.time),
  }),
  stakes: ofLogs(stakes, { node: int(stakes.node), time: counter(stakes.time) }),
  stakeLocks: ofLogs(
    stakeLocks,
    { node: int(stakeLocks.node), lockedUntil: counter(stakeLocks.lockedUntil) },
    { LOCKED_UNTIL: [stakeLocks.lockedUntil] },
  ),
  thawRequests: {
    table: thawRequests,
    key: [thawRequests.node, thawRequests.request],
    orders: {
      BLOCK: [thawRequests.block, thawRequests.logIndex],
      NODE: [thawRequests.node, thawRequests.request],
      MATURES_AT: [thawRequests.maturesAt],
    },
    filters: {
      node: int(thawRequests.node),
      block: counter(thawRequests.block),
      state: code(thawRequests.state),
      maturesAt: counter(thawRequests.maturesAt),
    },
  },
  slashes: ofLogs(slashes, { node: int(slashes.node), reporter: address(slashes.reporter) }),
  measurements: {
    table: measurements,
    key: [measurements.epoch, measurements.reporter, measurements.subject],
    orders: { EPOCH: [measurements.epoch, measurements.reporter, measurements.subject] },
    filters: {
      epoch: int(measurements.epoch),
      reporter: int(measurements.reporter),
      subject: int(measurements.subject),
    },
  },
  ...GOVERNED_LISTINGS,
  transactions: ofTransactions(transactions, {
    id: hex(transactions.id),
    epoch: int(transactions.epoch),
    account: address(transactions.account),
    node: int(transactions.node),
    kind: code(transactions.kind),
  }),
  transfers: ofTransactions(transfers, {
    epoch: int(transfers.epoch),
    from: address(transfers.from),
    to: address(transfers.to),
  }),
  withdrawals: ofTransactions(withdrawals, {
    epoch: int(withdrawals.epoch),
    account: address(withdrawals.account),
  }),
  sessions: {
    table: sessions,
    key: [sessions.account, sessions.key],
    orders: { HEIGHT: [sessions.height, sessions.position], ACCOUNT: [sessions.account, sessions.key] },
    filters: {
      account: address(sessions.account),
      key: hex(sessions.key),
      height: counter(sessions.height),
      expiryEpoch: counter(sessions.expiryEpoch),
    },
  },
  lanes: {
    table: lanes,
    key: [lanes.id],
    orders: { EPOCH: [lanes.epoch] },
    filters: {
      id: hex(lanes.id),
      epoch: int(lanes.epoch),
      account: address(lanes.account),
      node: int(lanes.node),
      session: hex(lanes.session),
    },
  },
  deliveries: {
    table: deliveries,
    key: [deliveries.epoch, deliveries.account, deliveries.node, deliveries.service, deliveries.commodity],
    orders: {
      EPOCH: [
        deliveries.epoch,
        deliveries.account,
        deliveries.node,
        deliveries.service,
        deliveries.commodity,
      ],
    },
    filters: {
      epoch: int(deliveries.epoch),
      account: address(deliveries.account),
      node: int(deliveries.node),
      service: int(deliveries.service),
    },
  },
} satisfies Record<string, Listing<PgTable>>;

/** Tables that no use of the network makes large: governance, registrations, one row per epoch or per day. */
export const SMALL_TABLES: readonly PgTable[] = [
  nodes,
  epochs,
  settlements,
  proposals,
  votes,
  lots,
  parameters,
  parameterChanges,
  services,
  priceChanges,
  interruptions,
];
