import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { BlsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { popMessage } from "#protocol/digests/settlement.ts";
import { toHex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

export interface RegisterNodeParameters {
  network: NetworkContext;
  consensus: BlsSigner;
  /** Ed25519 public key */
  networkKey: Uint8Array;
  /** multiaddrs and the edge's http URL, comma-separated, most preferred first */
  endpoints: string;
  /** wei staked at once; needs an `approve` of FLK for the staking contract before */
  stake?: bigint;
}

/** Registers a node owned by the wallet, with proof of possession of its consensus key. @throws ERR_L2_REVERTED */
export async function registerNode(
  l2: L2Client,
  parameters: RegisterNodeParameters,
): Promise<L2Receipt & { nodeId: number }> {
  const { network, consensus, networkKey, endpoints, stake = 0n } = parameters;
  const key = g1ToEip2537(consensus.publicKey);
  const proof = consensus.sign(popMessage(network.networkId, l2.wallet.account.address, key));
  const args = [toHex(key), toHex(g2ToEip2537(proof)), toHex(networkKey), endpoints];
  const done = await execute(l2, {
    address: l2.contracts.staking,
    abi: nodeStakingAbi,
    functionName: stake > 0n ? "registerWithStake" : "register",
    args: stake > 0n ? [...args, stake] : args,
  });
  return { ...done, nodeId: await registeredId(l2, done) };
}

/** From the event: the simulation's id is another one when somebody registers at the same time. */
async function registeredId(l2: L2Client, { blockNumber, txHash }: L2Receipt): Promise<number> {
  const logs = await l2.public.getContractEvents({
    address: l2.contracts.staking,
    abi: nodeStakingAbi,
    eventName: "NodeRegistered",
    fromBlock: blockNumber,
    toBlock: blockNumber,
  });
  const nodeId = logs.find((log) => log.transactionHash === txHash)?.args.nodeId;
  if (nodeId === undefined)
    throw clientError("ERR_L2_REVERTED", "the registration emitted no event", { txHash });
  return nodeId;
}
