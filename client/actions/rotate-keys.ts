import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import type { BlsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { popMessage } from "#protocol/digests/settlement.ts";
import { toHex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

export interface RotateKeysParameters {
  network: NetworkContext;
  nodeId: number;
  /** the new key: never registered before */
  consensus: BlsSigner;
}

/**
 * Replaces the consensus key of the node from the next committee draw on, once per epoch; a seat that the node holds until then
 * keeps the old key. Owner or operator; the proof of possession is for the owner. @throws ERR_L2_REVERTED
 */
export async function rotateKeys(
  l2: L2Client,
  { network, nodeId, consensus }: RotateKeysParameters,
): Promise<L2Receipt> {
  const contract = { address: l2.contracts.staking, abi: nodeStakingAbi } as const;
  const { owner } = await l2.public.readContract({ ...contract, functionName: "node", args: [nodeId] });
  const key = g1ToEip2537(consensus.publicKey);
  const proof = consensus.sign(popMessage(network.networkId, owner, key));
  const args = [nodeId, toHex(key), toHex(g2ToEip2537(proof))];
  return execute(l2, { ...contract, functionName: "rotateKeys", args });
}
