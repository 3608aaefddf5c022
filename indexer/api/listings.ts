import type { PgColumn, PgTable } from "drizzle-orm/pg-core";
import * as tables from "../store/schema.ts";
import type { Comparison, Filterable } from "./filters.ts";
import type { Listing } from "./list.ts";

const as =
  (comparison: Comparison) =>
  (column: PgColumn): Filterable => ({ comparison, column });
const address = as("Address");
const hex = as("Hex");
const int = as("Int");
const counter = as("Counter");
const usdc = as("USDC");
const flk = as("FLK");
const flag = as("Boolean");
const code = as("Code");
/** Only of tables that stay small: a text is looked for in every row. */
const text = as("Text");

interface Logged extends PgTable {
  block: PgColumn;
  logIndex: PgColumn;
}

/** Of a table of L2 logs: in the order of the L2. */
function ofLogs<T extends PgTable & Logged>(
  table: T,
  filters: Listing<T>["filters"],
  orders: Listing<T>["orders"] = {},
): Listing<T> {
  const key = [table.block, table.logIndex];
  return {
    table,
    key,
    orders: { BLOCK: key, ...orders },
    filters: { block: counter(table.block), ...filters },
  };
}

interface Positioned extends PgTable {
  height: PgColumn;
  position: PgColumn;
}

/** Of a table of what transactions of the protocol chain did: in their order. */
function ofTransactions<T extends PgTable & Positioned>(
  table: T,
  filters: Listing<T>["filters"],
): Listing<T> {
  const key = [table.height, table.position];
  return { table, key, orders: { HEIGHT: key }, filters: { height: counter(table.height), ...filters } };
}

const {
  accountEpochs,
  accounts,
  bids,
  blocks,
  claims,
  contractEvents,
  deliveries,
  deposits,
  epochs,
  lanes,
  lots,
  measurements,
  nodeEpochs,
  nodes,
  parameterChanges,
  priceChanges,
  proposals,
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
      stake: flk(nodes.stake),
      reputation: int(nodes.reputation),
      optedIn: flag(nodes.optedIn),
      endpoints: text(nodes.endpoints),
    },
  },
  nodeEpochs: ofNodeEpochs(
    { REPUTATION: [nodeEpochs.reputation], REVENUE: [nodeEpochs.revenue] },
    { reputation: int(nodeEpochs.reputation), revenue: usdc(nodeEpochs.revenue) },
  ),
  reputationScores: ofNodeEpochs({ SCORE: [nodeEpochs.reputation] }, { score: int(nodeEpochs.reputation) }),
  payouts: ofAccountEpochs,
  epochs: {
    table: epochs,
    key: [epochs.number],
    orders: { NUMBER: [epochs.number] },
    filters: {
      number: int(epochs.number),
      verified: flag(epochs.verified),
      final: flag(epochs.final),
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
      voided: flag(settlements.voided),
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
  priceChanges: ofLogs(priceChanges, {
    service: int(priceChanges.service),
    commodity: int(priceChanges.commodity),
  }),
  parameterChanges: ofLogs(parameterChanges, {
    key: text(parameterChanges.key),
    effectiveEpoch: int(parameterChanges.effectiveEpoch),
  }),
  proposals: {
    table: proposals,
    key: [proposals.id],
    orders: { BLOCK: [proposals.block, proposals.logIndex] },
    filters: {
      id: code(proposals.id),
      proposer: address(proposals.proposer),
      state: code(proposals.state),
      description: text(proposals.description),
      voteEnd: counter(proposals.voteEnd),
    },
  },
  votes: ofLogs(votes, { proposal: code(votes.proposal), voter: address(votes.voter) }),
  lots: {
    table: lots,
    key: [lots.id],
    orders: { ID: [lots.id] },
    filters: {
      id: counter(lots.id),
      fromEpoch: int(lots.fromEpoch),
      toEpoch: int(lots.toEpoch),
      closed: flag(lots.closed),
    },
  },
  bids: ofLogs(bids, { lot: counter(bids.lot), bidder: address(bids.bidder) }),
  contractEvents: ofLogs(contractEvents, {
    contract: code(contractEvents.contract),
    name: code(contractEvents.name),
    txHash: hex(contractEvents.txHash),
  }),
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
  parameterChanges,
  priceChanges,
];
