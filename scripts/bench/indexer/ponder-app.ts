import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { CHAIN_ID, CONTRACTS } from "./events.ts";

const CONFIG = `import { createConfig } from "ponder";
import { abis, addresses } from "./contracts";

export default createConfig({
  chains: { l2: { id: ${CHAIN_ID}, rpc: process.env.PONDER_RPC_URL_${CHAIN_ID}! } },
  contracts: {
    Vault: { chain: "l2", abi: abis.vault, address: addresses.vault, startBlock: 0 },
    Settlement: { chain: "l2", abi: abis.settlement, address: addresses.settlement, startBlock: 0 },
    Staking: { chain: "l2", abi: abis.staking, address: addresses.staking, startBlock: 0 },
    Services: { chain: "l2", abi: abis.services, address: addresses.services, startBlock: 0 },
    Parameters: { chain: "l2", abi: abis.parameters, address: addresses.parameters, startBlock: 0 },
  },
});
`;

const SCHEMA = `import { index, onchainTable, primaryKey } from "ponder";

export const accounts = onchainTable("accounts", (t) => ({
  address: t.hex().primaryKey(),
  deposits: t.bigint().notNull().default(0n),
  claimedStable: t.bigint().notNull().default(0n),
  claimedFlk: t.bigint().notNull().default(0n),
}));

export const deposits = onchainTable(
  "deposits",
  (t) => ({
    block: t.integer().notNull(),
    logIndex: t.integer().notNull(),
    txHash: t.hex().notNull(),
    account: t.hex().notNull(),
    from: t.hex().notNull(),
    amount: t.bigint().notNull(),
    total: t.bigint().notNull(),
  }),
  (t) => ({ pk: primaryKey({ columns: [t.block, t.logIndex] }), byAccount: index().on(t.account, t.block, t.logIndex) }),
);

export const claims = onchainTable(
  "claims",
  (t) => ({
    block: t.integer().notNull(),
    logIndex: t.integer().notNull(),
    txHash: t.hex().notNull(),
    account: t.hex().notNull(),
    payee: t.hex().notNull(),
    stable: t.bigint().notNull(),
    flk: t.bigint().notNull(),
    cumulativeStable: t.bigint().notNull(),
    cumulativeFlk: t.bigint().notNull(),
  }),
  (t) => ({ pk: primaryKey({ columns: [t.block, t.logIndex] }), byAccount: index().on(t.account, t.block, t.logIndex) }),
);

export const nodes = onchainTable("nodes", (t) => ({
  id: t.integer().primaryKey(),
  owner: t.hex().notNull(),
  endpoints: t.text().notNull(),
  stake: t.bigint().notNull().default(0n),
  thawing: t.bigint().notNull().default(0n),
  slashed: t.bigint().notNull().default(0n),
  lockedUntil: t.bigint(),
}));

export const services = onchainTable("services", (t) => ({
  id: t.integer().primaryKey(),
  owner: t.hex().notNull(),
  metadataUri: t.text().notNull(),
}));

export const prices = onchainTable(
  "prices",
  (t) => ({ service: t.integer().notNull(), commodity: t.integer().notNull(), price: t.bigint().notNull() }),
  (t) => ({ pk: primaryKey({ columns: [t.service, t.commodity] }) }),
);

export const parameters = onchainTable("parameters", (t) => ({ key: t.text().primaryKey(), value: t.bigint().notNull() }));
`;

const HANDLERS = `import { ponder } from "ponder:registry";
import { accounts, claims, deposits, nodes, parameters, prices, services } from "ponder:schema";
import { hexToString } from "viem";

const placeOf = (event: any) => ({
  block: Number(event.block.number),
  logIndex: event.log.logIndex,
  txHash: event.transaction.hash,
});

ponder.on("Vault:Deposited", async ({ event, context: { db } }) => {
  const { account, from, amount, total } = event.args;
  await db.insert(deposits).values({ ...placeOf(event), account, from, amount, total });
  await db.insert(accounts).values({ address: account, deposits: total }).onConflictDoUpdate({ deposits: total });
});

ponder.on("Settlement:Claimed", async ({ event, context: { db } }) => {
  const { account, payee, stablePaid: stable, flkPaid: flk, cumulativeStable, cumulativeFlk } = event.args;
  await db.insert(claims).values({ ...placeOf(event), account, payee, stable, flk, cumulativeStable, cumulativeFlk });
  const claimed = { claimedStable: cumulativeStable, claimedFlk: cumulativeFlk };
  await db.insert(accounts).values({ address: account, ...claimed }).onConflictDoUpdate(claimed);
});

ponder.on("Staking:NodeRegistered", async ({ event, context: { db } }) => {
  const { nodeId, owner, endpoints } = event.args;
  await db.insert(nodes).values({ id: nodeId, owner, endpoints });
  await db.insert(accounts).values({ address: owner }).onConflictDoNothing();
});

ponder.on("Staking:StakeChanged", async ({ event, context: { db } }) => {
  await db.update(nodes, { id: event.args.nodeId }).set({ stake: event.args.staked, thawing: event.args.thawing });
});

ponder.on("Staking:Slashed", async ({ event, context: { db } }) => {
  await db.update(nodes, { id: event.args.nodeId }).set((row) => ({ slashed: row.slashed + event.args.amount }));
});

ponder.on("Staking:StakeLocked", async ({ event, context: { db } }) => {
  await db.update(nodes, { id: event.args.nodeId }).set({ lockedUntil: event.args.lockedUntil });
});

ponder.on("Staking:EndpointsSet", async ({ event, context: { db } }) => {
  await db.update(nodes, { id: event.args.nodeId }).set({ endpoints: event.args.endpoints });
});

ponder.on("Services:ServiceRegistered", async ({ event, context: { db } }) => {
  const { serviceId: id, owner, metadataUri } = event.args;
  await db.insert(services).values({ id, owner, metadataUri });
  await db.insert(accounts).values({ address: owner }).onConflictDoNothing();
});

ponder.on("Services:PriceSet", async ({ event, context: { db } }) => {
  const { serviceId: service, commodity, price } = event.args;
  await db.insert(prices).values({ service, commodity, price }).onConflictDoUpdate({ price });
});

ponder.on("Parameters:ParameterSet", async ({ event, context: { db } }) => {
  const key = hexToString(event.args.key, { size: 32 });
  await db.insert(parameters).values({ key, value: event.args.value }).onConflictDoUpdate({ value: event.args.value });
});
`;

const API = `import { Hono } from "hono";
import { graphql } from "ponder";
import { db } from "ponder:api";
import schema from "ponder:schema";

const app = new Hono();
app.use("/graphql", graphql({ db, schema }));
export default app;
`;

function contracts(): string {
  const abis = {
    vault: clientVaultAbi,
    settlement: epochSettlementAbi,
    staking: nodeStakingAbi,
    services: serviceRegistryAbi,
    parameters: protocolParametersAbi,
  };
  const addresses = JSON.stringify(CONTRACTS);
  return `export const addresses = ${addresses} as const;\nexport const abis = ${JSON.stringify(abis)} as const;\n`;
}

/** Writes an app of the peer that indexes the same events into the same rows, as its documentation teaches. */
export async function writePonderApp(directory: string): Promise<void> {
  await mkdir(join(directory, "src/api"), { recursive: true });
  const files = {
    "ponder.config.ts": CONFIG,
    "ponder.schema.ts": SCHEMA,
    "contracts.ts": contracts(),
    "src/index.ts": HANDLERS,
    "src/api/index.ts": API,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}
