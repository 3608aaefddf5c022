import { and, eq, sql } from "drizzle-orm";
import { type Hex, hexToString } from "viem";
import type { Transaction } from "../store/database.ts";
import { ensureAccounts, ROLE } from "../store/rows.ts";
import { accounts, deposits, parameters, prices, services } from "../store/schema.ts";
import type { KnownLog, LogOf } from "../sync/l2-logs.ts";
import { lower } from "./lower.ts";
import { applySettlementLog } from "./settlement.ts";
import { applyStakingLog } from "./staking.ts";

/** Writes what one finalized log says. `gas`: of the transactions that settle. Other events carry nothing to serve. */
export async function applyLog(tx: Transaction, log: KnownLog, gas: Map<Hex, bigint>): Promise<void> {
  switch (log.contract) {
    case "settlement":
      return applySettlementLog(tx, log, gas);
    case "staking":
      return applyStakingLog(tx, log);
    case "vault":
      return applyVaultLog(tx, log);
    case "parameters":
      return log.eventName === "ParameterSet" ? applyParameterSet(tx, log) : undefined;
    case "services":
      return applyServiceLog(tx, log);
  }
}

type VaultLog = LogOf<"vault">;

async function applyVaultLog(tx: Transaction, log: VaultLog): Promise<void> {
  if (log.eventName === "Deposited") return applyDeposited(tx, log);
  if (log.eventName !== "Escaped") return;
  const account = lower(log.args.account);
  await ensureAccounts(tx, [account]);
  const escaped = sql`${accounts.escaped} + ${log.args.amount}::numeric`;
  await tx.update(accounts).set({ escaped }).where(eq(accounts.address, account));
}

async function applyDeposited(
  tx: Transaction,
  { args, block, logIndex, txHash }: Extract<VaultLog, { eventName: "Deposited" }>,
): Promise<void> {
  const account = lower(args.account);
  const { amount, total } = args;
  await tx
    .insert(deposits)
    .values({ block, logIndex, txHash, account, from: lower(args.from), amount, total });
  await ensureAccounts(tx, [account], ROLE.client);
  await tx.update(accounts).set({ deposits: total }).where(eq(accounts.address, account));
}

/** Parameters whose value is the address of a payee. */
const PAYEES: Record<string, number> = { treasury: ROLE.treasury, buyback: ROLE.buyback };

async function applyParameterSet(
  tx: Transaction,
  { args }: Extract<LogOf<"parameters">, { eventName: "ParameterSet" }>,
): Promise<void> {
  const key = hexToString(args.key, { size: 32 });
  const { value } = args;
  await tx
    .insert(parameters)
    .values({ key, value })
    .onConflictDoUpdate({ target: parameters.key, set: { value } });
  const role = PAYEES[key];
  if (role === undefined) return;
  await tx
    .update(accounts)
    .set({ roles: sql`${accounts.roles} & ~${role}::integer` })
    .where(and(sql`${accounts.roles} & ${role}::integer <> 0`));
  const address = `0x${value.toString(16).padStart(40, "0")}`;
  if (value !== 0n) await ensureAccounts(tx, [address], role);
}

async function applyServiceLog(tx: Transaction, log: LogOf<"services">): Promise<void> {
  switch (log.eventName) {
    case "ServiceRegistered": {
      const { serviceId: id, metadataUri } = log.args;
      const owner = lower(log.args.owner);
      await tx.insert(services).values({ id, owner, metadataUri });
      return ensureAccounts(tx, [owner], ROLE.serviceOwner);
    }
    case "ServiceTransferred": {
      const owner = lower(log.args.owner);
      await tx.update(services).set({ owner }).where(eq(services.id, log.args.serviceId));
      return ensureAccounts(tx, [owner], ROLE.serviceOwner);
    }
    case "MetadataSet": {
      const { serviceId, metadataUri } = log.args;
      await tx.update(services).set({ metadataUri }).where(eq(services.id, serviceId));
      return;
    }
    case "PriceSet": {
      const { serviceId: service, commodity, price } = log.args;
      await tx
        .insert(prices)
        .values({ service, commodity, price })
        .onConflictDoUpdate({ target: [prices.service, prices.commodity], set: { price } });
      return;
    }
    default:
      return;
  }
}
