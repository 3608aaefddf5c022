import { and, eq, sql } from "drizzle-orm";
import { type Hex, hexToString } from "viem";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { Transaction } from "../store/database.ts";
import { ensureAccounts, ROLE } from "../store/rows.ts";
import {
  accounts,
  claims,
  deposits,
  nodeKeys,
  nodes,
  parameters,
  prices,
  services,
  settlements,
  starts,
} from "../store/schema.ts";
import type { KnownLog } from "../sync/l2-logs.ts";

type Of<Name extends KnownLog["eventName"]> = Extract<KnownLog, { eventName: Name }>;

/** Writes what one finalized log says. `gas`: of the transactions that settle. Other events carry nothing to serve. */
export async function applyLog(tx: Transaction, log: KnownLog, gas: Map<Hex, bigint>): Promise<void> {
  switch (log.eventName) {
    case "Started":
      return applyStarted(tx, log);
    case "Settled":
      return applySettled(tx, log, gas.get(log.txHash) ?? 0n);
    case "Claimed":
      return applyClaimed(tx, log);
    case "Deposited":
      return applyDeposited(tx, log);
    case "NodeRegistered":
      return applyNodeRegistered(tx, log);
    case "StakeChanged": {
      const { nodeId, staked, thawing } = log.args;
      await tx.update(nodes).set({ stake: staked, thawing }).where(eq(nodes.id, nodeId));
      return;
    }
    case "EndpointsSet":
      await tx.update(nodes).set({ endpoints: log.args.endpoints }).where(eq(nodes.id, log.args.nodeId));
      return;
    case "ParameterSet":
      return applyParameterSet(tx, log);
    case "ServiceRegistered":
      return applyServiceRegistered(tx, log);
    case "MetadataSet":
      await tx
        .update(services)
        .set({ metadataUri: log.args.metadataUri })
        .where(eq(services.id, log.args.serviceId));
      return;
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

function lower(address: Hex): Hex {
  return address.toLowerCase() as Hex;
}

async function applyStarted(tx: Transaction, { args }: Of<"Started">): Promise<void> {
  await tx.insert(starts).values({
    id: 0,
    startTime: Number(args.startTime),
    l2Block: Number(args.l2Number),
    digest: args.genesisDigest,
    members: args.committee.members,
    aggregateKey: args.committee.aggregateKey,
  });
}

async function applySettled(tx: Transaction, log: Of<"Settled">, gasUsed: bigint): Promise<void> {
  const { digest, settlement: s } = log.args;
  await tx.insert(settlements).values({
    ...s,
    epoch: Number(s.epoch),
    closeTime: Number(s.closeTime),
    l2Number: Number(s.l2Number),
    digest,
    txHash: log.txHash,
    block: log.block,
    gasUsed,
  });
}

async function applyClaimed(
  tx: Transaction,
  { args, block, logIndex, txHash }: Of<"Claimed">,
): Promise<void> {
  const account = lower(args.account);
  const { stablePaid: stable, flkPaid: flk, cumulativeStable, cumulativeFlk } = args;
  await tx
    .insert(claims)
    .values({ block, logIndex, txHash, account, stable, flk, cumulativeStable, cumulativeFlk });
  await ensureAccounts(tx, [account]);
  await tx
    .update(accounts)
    .set({ claimedStable: cumulativeStable, claimedFlk: cumulativeFlk })
    .where(eq(accounts.address, account));
}

async function applyDeposited(
  tx: Transaction,
  { args, block, logIndex, txHash }: Of<"Deposited">,
): Promise<void> {
  const account = lower(args.account);
  const { amount, total } = args;
  await tx
    .insert(deposits)
    .values({ block, logIndex, txHash, account, from: lower(args.from), amount, total });
  await ensureAccounts(tx, [account], ROLE.client);
  await tx.update(accounts).set({ deposits: total }).where(eq(accounts.address, account));
}

async function applyNodeRegistered(tx: Transaction, { args }: Of<"NodeRegistered">): Promise<void> {
  const owner = lower(args.owner);
  const consensusKey = toHex(g1FromEip2537(fromHex(args.key)));
  await tx.insert(nodes).values({
    id: args.nodeId,
    owner,
    keyVersion: args.keyVersion,
    consensusKey,
    networkKey: args.networkKey,
    endpoints: args.endpoints,
  });
  await tx.insert(nodeKeys).values({ node: args.nodeId, version: args.keyVersion, consensusKey });
  await ensureAccounts(tx, [owner], ROLE.operator);
}

/** Parameters whose value is the address of a payee. */
const PAYEES: Record<string, number> = { treasury: ROLE.treasury, buyback: ROLE.buyback };

async function applyParameterSet(tx: Transaction, { args }: Of<"ParameterSet">): Promise<void> {
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

async function applyServiceRegistered(tx: Transaction, { args }: Of<"ServiceRegistered">): Promise<void> {
  const owner = lower(args.owner);
  await tx.insert(services).values({ id: args.serviceId, owner, metadataUri: args.metadataUri });
  await ensureAccounts(tx, [owner], ROLE.serviceOwner);
}
