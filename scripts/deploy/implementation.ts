import { createPublicClient, http } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { Deployment } from "./deploy-all.ts";
import { deployError, deployFailure } from "./errors.ts";
import { IMPLEMENTATIONS, type Proxied } from "./implementations.ts";
import { connectTarget } from "./target.ts";

export interface ImplementationOptions {
  rpcUrl: string;
  deployerKey?: Hex;
  deployment: Deployment;
  contract: Proxied;
}

/**
 * Deploys what the contract compiles to now, with the links of the deployment, for an upgrade that governance decides on.
 * Returns its address; nothing leads to it yet. @throws ERR_DEPLOY, ERR_DEPLOY_ACCOUNT, ERR_DEPLOY_CHAIN
 */
export async function deployImplementation(options: ImplementationOptions): Promise<Hex> {
  try {
    return await deployCode(options);
  } catch (cause) {
    throw deployFailure(options.rpcUrl, cause);
  }
}

async function deployCode({
  rpcUrl,
  deployerKey,
  deployment,
  contract,
}: ImplementationOptions): Promise<Hex> {
  const chainId = await createPublicClient({ transport: http(rpcUrl) }).getChainId();
  if (chainId !== deployment.chainId) {
    const message = `the L2 is chain ${chainId}, the deployment is on ${deployment.chainId}`;
    throw deployError("ERR_DEPLOY_CHAIN", message, { chainId });
  }
  const { connection } = await connectTarget({ rpcUrl, chainId, deployerKey });
  try {
    const { artifact, links } = IMPLEMENTATIONS[contract];
    const args = links.map((link) => deployment[link]);
    const { address } = await connection.viem.deployContract<string>(artifact, args);
    return address;
  } finally {
    await connection.close();
  }
}
