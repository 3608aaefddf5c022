import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import userConfig from "../../hardhat.config.ts";
import { deployError } from "./errors.ts";
import { buildContracts, projectHardhat } from "./hardhat.ts";
import { flkModule } from "./modules/Flk.ts";
import { assertFitForChain } from "./options.ts";
import { DEVNET_PARAMETERS, type DeployParameters } from "./parameters.ts";

export interface DeployOptions {
  rpcUrl: string;
  /** secp256k1 key of the deployer, who is governance; default: the first account that the L2 node has unlocked */
  deployerKey?: Hex;
  /** replace devnet defaults; all are needed where the chain is not a development one */
  parameters?: Partial<DeployParameters>;
  /** an existing stablecoin with Permit and 6 decimals; default, on a development chain only: deploys MockUSD */
  stable?: Hex;
}

/** Addresses of one deployment; plain JSON. */
export interface Deployment {
  chainId: number;
  networkId: Hex;
  /** first L2 block that can hold a log of these contracts */
  fromBlock: number;
  governance: Hex;
  accessManager: Hex;
  stable: Hex;
  flk: Hex;
  parameters: Hex;
  services: Hex;
  staking: Hex;
  vault: Hex;
  settlement: Hex;
}

const POLL_MS = 100;

const CONTRACTS = [
  "flk",
  "parameters",
  "services",
  "staking",
  "vault",
  "settlement",
  "manager",
  "usd",
] as const;
type Contracts = Record<(typeof CONTRACTS)[number], Hex>;

/**
 * Compiles what is not compiled and deploys everything with Ignition.
 * @throws ERR_DEPLOY with Ignition's word on it, ERR_DEPLOY_ACCOUNT, ERR_DEPLOY_CHAIN, ERR_DEPLOY_INPUT
 */
export async function deployAll(options: DeployOptions): Promise<Deployment> {
  const journal = await mkdtemp(join(tmpdir(), "flk-deploy-"));
  try {
    const client = createPublicClient({ transport: http(options.rpcUrl) });
    const [chainId, block] = await Promise.all([client.getChainId(), client.getBlockNumber()]);
    const { governance, contracts } = await ignite(options, chainId, journal);
    const { manager, usd, ...rest } = contracts;
    const networkId = toHex(networkContext(chainId, contracts.settlement).networkId);
    const fromBlock = Number(block) + 1;
    return { chainId, networkId, fromBlock, governance, accessManager: manager, stable: usd, ...rest };
  } catch (cause) {
    if (isFlkError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw deployError("ERR_DEPLOY", `deployment failed: ${reason}`, { rpcUrl: options.rpcUrl }, { cause });
  } finally {
    await rm(journal, { recursive: true, force: true });
  }
}

async function ignite(
  options: DeployOptions,
  chainId: number,
  journal: string,
): Promise<{ governance: Hex; contracts: Contracts }> {
  const hre = await projectHardhat({
    paths: { ...userConfig.paths, ignition: journal },
    networks: {
      target: {
        type: "http",
        url: options.rpcUrl,
        chainId,
        accounts: options.deployerKey ? [options.deployerKey] : "remote",
      },
    },
  });
  await buildContracts(hre);
  const connection = await hre.network.connect("target");
  try {
    const [wallet] = await connection.viem.getWalletClients();
    if (!wallet) {
      throw deployError("ERR_DEPLOY_ACCOUNT", "the L2 node has no unlocked account: give a deployer key");
    }
    const deployer = wallet.account.address;
    assertFitForChain(chainId, { deployer, parameters: options.parameters, stable: options.stable });
    if (options.stable) await requireStablecoin(options.rpcUrl, options.stable);
    const module = flkModule({ ...DEVNET_PARAMETERS, ...options.parameters }, options.stable);
    const deployed: Partial<Record<string, { address: Hex }>> = await connection.ignition.deploy(module, {
      config: { requiredConfirmations: 1, blockPollingInterval: POLL_MS },
      deploymentId: "flk",
      displayUi: false,
    });
    const contracts = Object.fromEntries(
      CONTRACTS.map((name) => [name, deployed[name]?.address]),
    ) as Contracts;
    return { governance: deployer, contracts };
  } finally {
    await connection.close();
  }
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
