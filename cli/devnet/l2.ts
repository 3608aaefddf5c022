import {
  type Account,
  type Chain,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type HttpTransport,
  http,
  type PublicClient,
  parseEther,
  type WalletClient,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { anvil } from "viem/chains";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { toL2Committee } from "#protocol/digests/settlement.ts";
import { SERVICE_CDN } from "#protocol/types/ack.ts";
import { maxBigint } from "#protocol/types/bigint.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { deployAll } from "#scripts/deploy/deploy-all.ts";
import { DEVNET_PARAMETERS } from "#scripts/deploy/networks.ts";
import type { DeployParameters } from "#scripts/deploy/parameters.ts";
import { shortestEscape, shortestThaw } from "#scripts/deploy/rules.ts";
import { type Deployment, deploymentOf } from "../config/deployment.ts";
import { cliError } from "../errors.ts";
import { anvilProcess } from "./anvil.ts";
import { until } from "./wait.ts";
import { logFile, type World } from "./world.ts";

/** The mnemonic that every development node unlocks; public, so only for play money. */
const MNEMONIC = "test test test test test test test test test test test junk";
const BLOCK_SECONDS = 1;
const POLL_MS = 100;
const UP_TIMEOUT_MS = 20_000;
const GAS_MONEY = parseEther("100");

/** Roles that no process of the network plays: accounts of the public mnemonic. */
export const ROLES = { deployer: 0, serviceOwner: 1, siteOwner: 2 } as const;

export function roleAddress(role: keyof typeof ROLES): `0x${string}` {
  return mnemonicToAccount(MNEMONIC, { addressIndex: ROLES[role] }).address;
}

/** The deployer, who is also governance and the keeper that claims for everybody. */
export interface Deployer {
  l2: PublicClient<HttpTransport, Chain>;
  wallet: WalletClient<HttpTransport, Chain, Account>;
}

export function openDeployer(rpcUrl: string): Deployer {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex: ROLES.deployer });
  const common = { chain: anvil, transport: http(rpcUrl), pollingInterval: POLL_MS };
  return {
    l2: createPublicClient({ ...common, cacheTime: 0 }),
    wallet: createWalletClient({ ...common, account }),
  };
}

/** Starts anvil and waits until it answers. @throws ERR_PROCESS, ERR_DEVNET_TIMEOUT */
export async function startL2(world: World): Promise<void> {
  const { host, l2Port } = world.options;
  const spec = anvilProcess({
    host,
    port: l2Port,
    logFile: logFile(world, "l2"),
    blockSeconds: BLOCK_SECONDS,
  });
  await world.supervisor.start(spec);
  const { l2 } = openDeployer(world.rpcUrl);
  await until("the local L2 answers", () => l2.getChainId(), {
    signal: world.signal,
    timeoutMs: UP_TIMEOUT_MS,
    everyMs: 50,
  });
}

export async function deployContracts(world: World): Promise<Deployment> {
  const epochLengthMs = BigInt(world.options.epochSeconds) * 1_000n;
  const deployed = await deployAll({
    rpcUrl: world.rpcUrl,
    parameters: {
      epochLengthMs,
      thawPeriod: shortestThaw({ ...DEVNET_PARAMETERS, epochLengthMs }),
      ...delaysOf(epochLengthMs),
      committeeSize: BigInt(world.options.committee),
      computePrice: COMPUTE_PRICE,
      flkReceiver: roleAddress("deployer"),
      serviceOwner: roleAddress("serviceOwner"),
    },
  });
  return deploymentOf(deployed);
}

/** The escape waits for two epochs, and the recovery for the escape. */
function delaysOf(epochLengthMs: bigint): Pick<DeployParameters, "escapeDelay" | "recoveryDelay"> {
  const { escapeDelay, exitWindow, activationDelay } = DEVNET_PARAMETERS;
  const escapes = maxBigint(escapeDelay, shortestEscape({ epochLengthMs, activationDelay }));
  return { escapeDelay: escapes, recoveryDelay: escapes + exitWindow };
}

/** micro-USD per 10^9 ms of the CDN: a ms costs what 250 bytes do, so that the short runs of a local network cost something. */
const COMPUTE_PRICE = 250n * DEVNET_PARAMETERS.bandwidthPrice;
/** Twice the prices of the CDN: a service of its own, not the same under another number. */
const SITE_PRICES = [2n * DEVNET_PARAMETERS.bandwidthPrice, 2n * COMPUTE_PRICE];

/** Registers service 1 as governance: no vote is waited for on a local network. @throws ERR_TX_REJECTED */
export async function registerSite(
  rpcUrl: string,
  deployer: Deployer,
  { contracts }: Deployment,
): Promise<void> {
  const { services, timelock } = contracts;
  if (!timelock) throw cliError("ERR_CONFIG", "the deployment names no timelock");
  const local = createTestClient({ mode: "anvil", chain: anvil, transport: http(rpcUrl) });
  await local.impersonateAccount({ address: timelock });
  await local.setBalance({ address: timelock, value: GAS_MONEY });
  const hash = await deployer.wallet.writeContract({
    account: timelock,
    address: services,
    abi: serviceRegistryAbi,
    functionName: "registerFor",
    args: [roleAddress("siteOwner"), "flk:site", SITE_PRICES],
  });
  await mined(deployer, hash);
  await local.stopImpersonatingAccount({ address: timelock });
}

/** By commodity. */
const RAISED_PRICES = [DEVNET_PARAMETERS.bandwidthPrice, COMPUTE_PRICE].map((price) => (3n * price) / 2n);

/** The owner of service 0 raises its prices by half, from the next epoch on. @throws ERR_TX_REJECTED */
export async function raisePrices(deployer: Deployer, { contracts }: Deployment): Promise<readonly bigint[]> {
  const account = mnemonicToAccount(MNEMONIC, { addressIndex: ROLES.serviceOwner });
  for (const [commodity, price] of RAISED_PRICES.entries()) {
    const hash = await deployer.wallet.writeContract({
      account,
      address: contracts.services,
      abi: serviceRegistryAbi,
      functionName: "setPrice",
      args: [SERVICE_CDN, commodity, price],
    });
    await mined(deployer, hash);
  }
  return RAISED_PRICES;
}

/** What a local network hands out: gas money to all, FLK (wei) to operators, stablecoin (micro-USD) to clients. */
export interface Grants {
  operators: { address: `0x${string}`; flk: bigint }[];
  clients: { address: `0x${string}`; stable: bigint }[];
  gasOnly: `0x${string}`[];
}

/** All transfers in one or two L2 blocks. @throws ERR_TX_REJECTED */
export async function fund(deployer: Deployer, deployment: Deployment, grants: Grants): Promise<void> {
  const { l2, wallet } = deployer;
  let nonce = await l2.getTransactionCount({ address: wallet.account.address, blockTag: "pending" });
  const sent: Promise<`0x${string}`>[] = [];
  const everyone = [...grants.operators, ...grants.clients].map(({ address }) => address);
  for (const to of [...everyone, ...grants.gasOnly]) {
    sent.push(wallet.sendTransaction({ to, value: GAS_MONEY, nonce: nonce++ }));
  }
  const { flk, stable } = deployment.contracts;
  for (const { address, flk: amount } of grants.operators) {
    const call = { address: flk, abi: flkAbi, functionName: "transfer", args: [address, amount] } as const;
    sent.push(wallet.writeContract({ ...call, nonce: nonce++ }));
  }
  for (const { address, stable: amount } of grants.clients) {
    const call = { address: stable, abi: mockUsdAbi, functionName: "mint", args: [address, amount] } as const;
    sent.push(wallet.writeContract({ ...call, nonce: nonce++ }));
  }
  await Promise.all(sent.map(async (hash) => mined(deployer, await hash)));
}

/** Starts epoch 0 with `committee`, now. @throws ERR_TX_REJECTED */
export async function startNetwork(
  deployer: Deployer,
  deployment: Deployment,
  committee: Committee,
): Promise<void> {
  const hash = await deployer.wallet.writeContract({
    address: deployment.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "start",
    args: [toL2Committee(committee), BigInt(Date.now())],
  });
  await mined(deployer, hash);
}

async function mined(deployer: Deployer, hash: `0x${string}`): Promise<void> {
  const receipt = await deployer.l2.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw cliError("ERR_TX_REJECTED", `the L2 reverted ${hash}`, { hash });
}
