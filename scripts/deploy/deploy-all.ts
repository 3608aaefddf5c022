import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { deployError, deployFailure } from "./errors.ts";
import { PROXIED, type Proxied } from "./implementations.ts";
import { flkModule } from "./modules/Flk.ts";
import { DEVNET_PARAMETERS } from "./networks.ts";
import { assertFitForChain } from "./options.ts";
import type { DeployParameters } from "./parameters.ts";
import { assertRules } from "./rules.ts";
import { type Connection, connectTarget } from "./target.ts";

export interface DeployOptions {
  rpcUrl: string;
  /** secp256k1 key of the deployer; default: the first account that the L2 node has unlocked */
  deployerKey?: Hex;
  /** replace devnet defaults; all are needed where the chain is not a development one */
  parameters?: Partial<DeployParameters>;
  /** an existing stablecoin with Permit and 6 decimals; default, on a development chain only: deploys MockUSD */
  stable?: Hex;
  /** a folder that keeps Ignition's journal, so that a deployment that broke off can go on; default: none is kept */
  journal?: string;
  /** hears what is being done */
  progress?: (line: string) => void;
}

/** Addresses of one deployment; plain JSON. Those of proxied contracts are the proxies'. */
export interface Deployment extends Record<Proxied, Hex> {
  chainId: number;
  networkId: Hex;
  /** first L2 block that can hold a log of these contracts */
  fromBlock: number;
  /** keeps no role, unless it is the guardian or the launcher of a local network */
  deployer: Hex;
  guardian: Hex;
  launcher: Hex;
  accessManager: Hex;
  /** administrator of everything */
  timelock: Hex;
  governor: Hex;
  stable: Hex;
  flk: Hex;
  /** behind the proxies, as deployed */
  implementations: Record<Proxied, Hex>;
}

const POLL_MS = 100;

/**
 * Compiles what is not compiled and deploys everything with Ignition.
 * @throws ERR_DEPLOY with Ignition's word on it, ERR_DEPLOY_ACCOUNT, ERR_DEPLOY_CHAIN, ERR_DEPLOY_INPUT,
 * ERR_DEPLOY_PARAMETERS
 */
export async function deployAll(options: DeployOptions): Promise<Deployment> {
  const journal = options.journal ?? (await mkdtemp(join(tmpdir(), "flk-deploy-")));
  try {
    const client = createPublicClient({ transport: http(options.rpcUrl) });
    const [chainId, block] = await Promise.all([client.getChainId(), client.getBlockNumber()]);
    const fromBlock = await firstBlock(journal, Number(block) + 1);
    return await ignite(options, { chainId, journal, fromBlock });
  } catch (cause) {
    throw deployFailure(options.rpcUrl, cause);
  } finally {
    if (!options.journal) await rm(journal, { recursive: true, force: true });
  }
}

/** The block that the journal's deployment began at: `next` when it begins now. */
async function firstBlock(journal: string, next: number): Promise<number> {
  const path = join(journal, "from-block");
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept !== undefined) return Number(kept);
  await mkdir(journal, { recursive: true });
  await writeFile(path, String(next));
  return next;
}

async function ignite(
  options: DeployOptions,
  { chainId, journal, fromBlock }: { chainId: number; journal: string; fromBlock: number },
): Promise<Deployment> {
  const { progress = () => {}, rpcUrl, deployerKey, stable } = options;
  progress("compiling contracts");
  const { connection, deployer } = await connectTarget({ rpcUrl, chainId, deployerKey, journal });
  try {
    assertFitForChain(chainId, { deployer, parameters: options.parameters, stable });
    const parameters = { ...DEVNET_PARAMETERS, ...options.parameters };
    assertRules(parameters);
    if (stable) await requireStablecoin(rpcUrl, stable);
    progress(`deploying to chain ${chainId} as ${deployer}`);
    const deployed: Record<string, { address: Hex }> = await connection.ignition.deploy(
      flkModule(parameters, stable),
      {
        config: { requiredConfirmations: 1, blockPollingInterval: POLL_MS },
        deploymentId: "flk",
        displayUi: false,
      },
    );
    await fillRefundPool(connection, deployed.settlement?.address, parameters.refundPool);
    const result = deploymentOf({ chainId, fromBlock, deployer, parameters, deployed });
    progress(`deployed and handed over to the timelock at ${result.timelock}`);
    return result;
  } finally {
    await connection.close();
  }
}

/** Not by Ignition, whose plain transfers carry a byte of data when the key is a local one. */
async function fillRefundPool(
  connection: Connection,
  settlement: Hex | undefined,
  pool: bigint,
): Promise<void> {
  const [[wallet], client] = await Promise.all([
    connection.viem.getWalletClients(),
    connection.viem.getPublicClient(),
  ]);
  if (!wallet || !settlement || pool <= (await client.getBalance({ address: settlement }))) return;
  const hash = await wallet.sendTransaction({ to: settlement, value: pool });
  await client.waitForTransactionReceipt({ hash, pollingInterval: POLL_MS });
}

interface Result {
  chainId: number;
  fromBlock: number;
  deployer: Hex;
  parameters: DeployParameters;
  deployed: Record<string, { address: Hex }>;
}

function deploymentOf({ chainId, fromBlock, deployer, parameters, deployed }: Result): Deployment {
  const at = (name: string): Hex => {
    const contract = deployed[name];
    if (!contract) throw deployError("ERR_DEPLOY", `the deployment has no ${name}`, { name });
    return contract.address;
  };
  const each = (nameOf: (name: Proxied) => string): Record<Proxied, Hex> =>
    Object.fromEntries(PROXIED.map((name) => [name, at(nameOf(name))])) as Record<Proxied, Hex>;
  const { guardian, launcher } = parameters;
  const proxies = each((name) => name);
  return {
    chainId,
    networkId: toHex(networkContext(chainId, proxies.settlement).networkId),
    fromBlock,
    deployer,
    guardian: guardian === "deployer" ? deployer : guardian,
    launcher: launcher === "deployer" ? deployer : launcher,
    accessManager: at("manager"),
    timelock: at("timelock"),
    governor: at("governor"),
    stable: at("usd"),
    flk: at("flk"),
    ...proxies,
    implementations: each((name) => `${name}Implementation`),
  };
}

/** The protocol counts micro-USD. @throws ERR_DEPLOY_INPUT unless a token with 6 decimals is at `address` */
async function requireStablecoin(rpcUrl: string, address: Hex): Promise<void> {
  const client = createPublicClient({ transport: http(rpcUrl) });
  const decimals = await client
    .readContract({ address, abi: mockUsdAbi, functionName: "decimals" })
    .catch((cause: unknown) => {
      throw deployError("ERR_DEPLOY_INPUT", `there is no token at ${address}`, { address }, { cause });
    });
  if (decimals !== 6) {
    throw deployError("ERR_DEPLOY_INPUT", `the token at ${address} has ${decimals} decimals, not 6`, {
      address,
      decimals,
    });
  }
}
