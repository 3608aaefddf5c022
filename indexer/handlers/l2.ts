import { sql } from "drizzle-orm";
import { type Hex, hexToString } from "viem";
import { ensureAccounts, plus, ROLE, type Rows, withBits } from "../store/rows.ts";
import {
  accounts,
  deposits,
  escapes,
  parameterChanges,
  parameters,
  priceChanges,
  prices,
  serviceHistory,
  services,
  tokenTransfers,
  withdrawRequests,
} from "../store/schema.ts";
import type { KnownLog, LogOf, UnknownLog } from "../sync/l2-logs.ts";
import { applyAuctionLog } from "./auction.ts";
import { keepEvent } from "./contract-event.ts";
import { applyGovernorLog } from "./governance.ts";
import { lower } from "./lower.ts";
import { placeOf } from "./place.ts";
import { applySettlementLog } from "./settlement.ts";
import type { StakeBook } from "./stake-book.ts";
import { applySlasherLog, applyStakingLog } from "./staking.ts";

/** What the handlers of a range of logs know beside each log. */
export interface Range {
  /** of the transactions that settle */
  gas: Map<Hex, bigint>;
  stake: StakeBook;
}

/** Writes what one finalized log says. */
export function applyLog(
  rows: Rows,
  log: KnownLog | UnknownLog,
  { gas, stake }: Range,
): void | Promise<void> {
  keepEvent(rows, log);
  if (log.eventName === undefined) return;
  switch (log.contract) {
    case "settlement":
      return applySettlementLog(rows, log, gas);
    case "staking":
      return applyStakingLog(rows, log, stake);
    case "slasher":
      return applySlasherLog(rows, log, stake);
    case "vault":
      return applyVaultLog(rows, log);
    case "parameters":
      return applyParametersLog(rows, log);
    case "services":
      return applyServiceLog(rows, log);
    case "flk":
      return applyFlkLog(rows, log);
    case "auction":
      return applyAuctionLog(rows, log);
    case "governor":
      return applyGovernorLog(rows, log);
  }
}

function applyVaultLog(rows: Rows, log: LogOf<"vault">): void {
  switch (log.eventName) {
    case "Deposited": {
      const { amount, total } = log.args;
      const account = lower(log.args.account);
      rows.insert(deposits, { ...placeOf(log), account, from: lower(log.args.from), amount, total });
      rows.upsert(accounts, { address: account, roles: withBits(ROLE.client), deposits: total });
      return;
    }
    case "WithdrawRequested": {
      const account = lower(log.args.account);
      rows.insert(withdrawRequests, { ...placeOf(log), account, amount: log.args.amount });
      return;
    }
    case "Escaped": {
      const { amount, balance, depositsCounted } = log.args;
      const account = lower(log.args.account);
      rows.insert(escapes, { ...placeOf(log), account, amount, balance, depositsCounted });
      rows.upsert(accounts, { address: account, escaped: plus(amount) });
      return;
    }
  }
}

function applyFlkLog(rows: Rows, log: LogOf<"flk">): void {
  if (log.eventName !== "Transfer") return;
  const { from, to, value: amount } = log.args;
  rows.insert(tokenTransfers, { ...placeOf(log), from: lower(from), to: lower(to), amount });
}

/** Parameters whose value is the address of a payee. */
const PAYEES: Record<string, number> = { treasury: ROLE.treasury, buyback: ROLE.buyback };

async function applyParametersLog(rows: Rows, log: LogOf<"parameters">): Promise<void> {
  switch (log.eventName) {
    case "ParameterSet":
      return applyParameterSet(rows, log);
    case "ParameterScheduled": {
      // the log before it set the value
      const { block, logIndex, args } = log;
      const effectiveEpoch = Number(args.effectiveEpoch);
      return rows.update(parameterChanges, { block, logIndex: logIndex - 1, effectiveEpoch });
    }
  }
}

async function applyParameterSet(
  rows: Rows,
  log: Extract<LogOf<"parameters">, { eventName: "ParameterSet" }>,
): Promise<void> {
  const key = hexToString(log.args.key, { size: 32 });
  const { value } = log.args;
  rows.upsert(parameters, { key, value });
  rows.insert(parameterChanges, { ...placeOf(log), key, value, effectiveEpoch: 0 });
  const role = PAYEES[key];
  if (role === undefined) return;
  const tx = await rows.flush();
  await tx
    .update(accounts)
    .set({ roles: sql`${accounts.roles} & ~${role}::integer` })
    .where(sql`${accounts.roles} & ${role}::integer <> 0`);
  const address = `0x${value.toString(16).padStart(40, "0")}`;
  if (value !== 0n) ensureAccounts(rows, [address], role);
}

function applyServiceLog(rows: Rows, log: LogOf<"services">): void {
  const { block } = log;
  switch (log.eventName) {
    case "ServiceRegistered": {
      const { serviceId: id, metadataUri } = log.args;
      const owner = lower(log.args.owner);
      rows.insert(services, { id, owner, metadataUri });
      rows.upsert(serviceHistory, { service: id, block, owner, metadataUri });
      ensureAccounts(rows, [owner], ROLE.serviceOwner);
      return;
    }
    case "ServiceTransferred": {
      const { serviceId: id } = log.args;
      const owner = lower(log.args.owner);
      rows.update(services, { id, owner });
      rows.upsert(serviceHistory, { service: id, block, owner });
      ensureAccounts(rows, [owner], ROLE.serviceOwner);
      return;
    }
    case "MetadataSet": {
      const { serviceId: id, metadataUri } = log.args;
      rows.update(services, { id, metadataUri });
      rows.upsert(serviceHistory, { service: id, block, metadataUri });
      return;
    }
    case "PriceSet": {
      const { serviceId: service, commodity, price } = log.args;
      rows.insert(priceChanges, { ...placeOf(log), service, commodity, price });
      rows.upsert(prices, { service, commodity, price });
      return;
    }
  }
}
