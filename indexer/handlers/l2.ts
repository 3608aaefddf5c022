import { sql } from "drizzle-orm";
import { type Hex, hexToString } from "viem";
import { ensureAccounts, plus, ROLE, type Rows } from "../store/rows.ts";
import { accounts, deposits, parameters, prices, services } from "../store/schema.ts";
import type { KnownLog, LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { applySettlementLog } from "./settlement.ts";
import { applyStakingLog } from "./staking.ts";

/** Writes what one finalized log says. `gas`: of the transactions that settle. Other events carry nothing to serve. */
export function applyLog(rows: Rows, log: KnownLog, gas: Map<Hex, bigint>): void | Promise<void> {
  switch (log.contract) {
    case "settlement":
      return applySettlementLog(rows, log, gas);
    case "staking":
      return applyStakingLog(rows, log);
    case "vault":
      return applyVaultLog(rows, log);
    case "parameters":
      return log.eventName === "ParameterSet" ? applyParameterSet(rows, log) : undefined;
    case "services":
      return applyServiceLog(rows, log);
  }
}

type VaultLog = LogOf<"vault">;

function applyVaultLog(rows: Rows, log: VaultLog): void {
  if (log.eventName === "Deposited") applyDeposited(rows, log);
  else if (log.eventName === "Escaped")
    rows.upsert(accounts, { address: lower(log.args.account), escaped: plus(log.args.amount) });
}

function applyDeposited(
  rows: Rows,
  { args, block, logIndex, txHash }: Extract<VaultLog, { eventName: "Deposited" }>,
): void {
  const account = lower(args.account);
  const { amount, total } = args;
  rows.insert(deposits, { block, logIndex, txHash, account, from: lower(args.from), amount, total });
  ensureAccounts(rows, [account], ROLE.client);
  rows.upsert(accounts, { address: account, deposits: total });
}

/** Parameters whose value is the address of a payee. */
const PAYEES: Record<string, number> = { treasury: ROLE.treasury, buyback: ROLE.buyback };

async function applyParameterSet(
  rows: Rows,
  { args }: Extract<LogOf<"parameters">, { eventName: "ParameterSet" }>,
): Promise<void> {
  const key = hexToString(args.key, { size: 32 });
  const { value } = args;
  rows.upsert(parameters, { key, value });
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
  switch (log.eventName) {
    case "ServiceRegistered": {
      const { serviceId: id, metadataUri } = log.args;
      const owner = lower(log.args.owner);
      rows.insert(services, { id, owner, metadataUri });
      ensureAccounts(rows, [owner], ROLE.serviceOwner);
      return;
    }
    case "ServiceTransferred": {
      const owner = lower(log.args.owner);
      rows.update(services, { id: log.args.serviceId, owner });
      ensureAccounts(rows, [owner], ROLE.serviceOwner);
      return;
    }
    case "MetadataSet": {
      const { serviceId: id, metadataUri } = log.args;
      rows.update(services, { id, metadataUri });
      return;
    }
    case "PriceSet": {
      const { serviceId: service, commodity, price } = log.args;
      rows.upsert(prices, { service, commodity, price });
      return;
    }
    default:
      return;
  }
}
