import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPublicClient, http } from "viem";
import { networkContext } from "#protocol/digests/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import userConfig from "../../hardhat.config.ts";
import { buildContracts, projectHardhat } from "./hardhat.ts";
import { flkModule } from "./modules/Flk.ts";
import { DEVNET_PARAMETERS, type DeployParameters } from "./parameters.ts";

export interface DeployOptions {
  rpcUrl: string;
  /** secp256k1 key of the deployer, who is governance; default: the first account that the L2 node has unlocked */
  deployerKey?: Hex;
  /** replace devnet defaults */
  parameters?: Partial<DeployParameters>;
  /** an existing stablecoin with Permit; default: deploys MockUSD */
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

/** Compiles what is not compiled and deploys everything with Ignition. @throws ERR_DEPLOY with Ignition's word on it */
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlkError("ERR_DEPLOY", `deployment failed: ${reason}`, { rpcUrl: options.rpcUrl }, { cause });
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
    if (!wallet)
      throw new FlkError("ERR_DEPLOY_ACCOUNT", "the L2 node has no unlocked account: give a deployer key");
    const module = flkModule({ ...DEVNET_PARAMETERS, ...options.parameters }, options.stable);
    const deployed: Partial<Record<string, { address: Hex }>> = await connection.ignition.deploy(module, {
      config: { requiredConfirmations: 1, blockPollingInterval: POLL_MS },
      deploymentId: "flk",
      displayUi: false,
    });
    const contracts = Object.fromEntries(
      CONTRACTS.map((name) => [name, deployed[name]?.address]),
    ) as Contracts;
    return { governance: wallet.account.address, contracts };
  } finally {
    await connection.close();
  }
}
