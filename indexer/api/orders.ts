import {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deposits,
  epochs,
  nodeEpochs,
  nodes,
  settlements,
} from "../store/schema.ts";
import type { Order } from "./page.ts";

export type Direction = "ASC" | "DESC";

function order(name: string, columns: Order["columns"]): (direction?: Direction | null) => Order {
  return (direction) => ({
    name: direction === "DESC" ? `${name}-` : name,
    columns,
    descending: direction === "DESC",
  });
}

/** The orders that lists are served in; an index covers each. */
export const ORDERS = {
  accountsByAddress: order("address", [accounts.address]),
  accountsByBalance: order("balance", [accounts.balance, accounts.address]),
  accountsByPayout: order("payout", [accounts.payoutStable, accounts.address]),
  nodesById: order("id", [nodes.id]),
  nodesByStake: order("stake", [nodes.stake, nodes.id]),
  epochs: order("number", [epochs.number]),
  settlements: order("epoch", [settlements.epoch]),
  claims: order("log", [claims.block, claims.logIndex]),
  deposits: order("log", [deposits.block, deposits.logIndex]),
  blocks: order("height", [blocks.height]),
};

/** Lists inside other types. */
export const CHILDREN = {
  accountNodes: { table: nodes, parent: nodes.owner, order: ORDERS.nodesById() },
  accountEpochs: {
    table: accountEpochs,
    parent: accountEpochs.account,
    order: order("epoch", [accountEpochs.epoch])("DESC"),
  },
  accountDeposits: { table: deposits, parent: deposits.account, order: ORDERS.deposits("DESC") },
  accountClaims: { table: claims, parent: claims.account, order: ORDERS.claims("DESC") },
  nodeEpochs: {
    table: nodeEpochs,
    parent: nodeEpochs.node,
    order: order("epoch", [nodeEpochs.epoch])("DESC"),
  },
  epochNodes: { table: nodeEpochs, parent: nodeEpochs.epoch, order: order("node", [nodeEpochs.node])() },
  epochAccounts: {
    table: accountEpochs,
    parent: accountEpochs.epoch,
    order: order("account", [accountEpochs.account])(),
  },
};
