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
  accountEpochsByEpoch: order("epoch", [accountEpochs.epoch]),
  accountEpochsByAccount: order("account", [accountEpochs.account]),
  nodesById: order("id", [nodes.id]),
  nodesByStake: order("stake", [nodes.stake, nodes.id]),
  nodeEpochsByEpoch: order("epoch", [nodeEpochs.epoch]),
  nodeEpochsByNode: order("node", [nodeEpochs.node]),
  epochs: order("number", [epochs.number]),
  settlements: order("epoch", [settlements.epoch]),
  claims: order("log", [claims.block, claims.logIndex]),
  deposits: order("log", [deposits.block, deposits.logIndex]),
  blocks: order("height", [blocks.height]),
};
