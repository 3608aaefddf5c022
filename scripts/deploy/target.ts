import type { Hex } from "#protocol/types/hex.ts";
import userConfig from "../../hardhat.config.ts";
import { deployError } from "./errors.ts";
import { buildContracts, projectHardhat } from "./hardhat.ts";

type Hardhat = Awaited<ReturnType<typeof projectHardhat>>;
export type Connection = Awaited<ReturnType<Hardhat["network"]["connect"]>>;

export interface TargetOptions {
  rpcUrl: string;
  chainId: number;
  /** secp256k1; default: the first account that the L2 node has unlocked */
  deployerKey?: Hex | undefined;
  /** where Ignition keeps its journal */
  journal?: string;
}

/** Hardhat, with all contracts compiled, on the L2 that is deployed to. Close the connection. @throws ERR_DEPLOY_ACCOUNT */
export async function connectTarget(
  options: TargetOptions,
): Promise<{ connection: Connection; deployer: Hex }> {
  const { rpcUrl, chainId, deployerKey, journal } = options;
  const hre = await projectHardhat({
    ...(journal !== undefined && { paths: { ...userConfig.paths, ignition: journal } }),
    networks: {
      target: { type: "http", url: rpcUrl, chainId, accounts: deployerKey ? [deployerKey] : "remote" },
    },
  });
  await buildContracts(hre);
  const connection = await hre.network.connect("target");
  const [wallet] = await connection.viem.getWalletClients();
  if (!wallet) {
    await connection.close();
    throw deployError("ERR_DEPLOY_ACCOUNT", "the L2 node has no unlocked account: give a deployer key");
  }
  return { connection, deployer: wallet.account.address };
}
