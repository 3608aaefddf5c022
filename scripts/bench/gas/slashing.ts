import { encodeFunctionData, maxUint256 } from "viem";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { consensusMessage, headerSlot, KIND } from "#protocol/digests/consensus.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { nodeSigner } from "./committees.ts";
import type { GasL2 } from "./l2.ts";
import { word } from "./words.ts";

const STAKE = 12_345n * 10n ** 18n;
const ROUND = 42;

export interface SlashingGas {
  slash: bigint;
  /** of a node that has a thawing request */
  slashThawing: bigint;
  /** for an older epoch than the one before */
  slashLate: bigint;
}

/** Each of a node that was never slashed, reported by somebody who holds no FLK. */
export async function measureSlashing(l2: GasL2): Promise<SlashingGas> {
  const { flk, staking } = l2.deployment;
  const [owner, , , one, other, third] = l2.accounts as [Hex, Hex, Hex, Hex, Hex, Hex];
  const approve = encodeFunctionData({ abi: flkAbi, functionName: "approve", args: [staking, maxUint256] });
  await l2.send(owner, flk, approve);
  for (const node of [3, 4, 5])
    await l2.send(
      owner,
      staking,
      encodeFunctionData({ abi: nodeStakingAbi, functionName: "stake", args: [node, STAKE] }),
    );
  const args = [4, STAKE / 2n] as const;
  const unstake = encodeFunctionData({ abi: nodeStakingAbi, functionName: "requestUnstake", args });
  await l2.send(owner, staking, unstake);
  const epoch = await lastEpoch(l2);
  return {
    slash: await slash(l2, 3, epoch, one),
    slashThawing: await slash(l2, 4, epoch, other),
    slashLate: await slash(l2, 5, epoch - 1, third),
  };
}

/** The newest epoch that is settled. */
async function lastEpoch({ client, deployment }: GasL2): Promise<number> {
  const next = await client.readContract({
    address: deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "nextEpoch",
  });
  return Number(next) - 1;
}

/** Slashes `node` for two headers of one round of `epoch`. @returns the gas */
async function slash(l2: GasL2, node: number, epoch: number, reporter: Hex): Promise<bigint> {
  const { slasher, networkId } = l2.deployment;
  const [payloadA, payloadB] = [word("one header"), word("another header")];
  const slot = headerSlot(ROUND);
  const signatures = [payloadA, payloadB].map((payload) =>
    nodeSigner(node).sign(consensusMessage(fromHex(networkId), KIND.header, epoch, slot, payload)),
  );
  const keyIds = [BigInt(node) << 32n];
  const evidence = {
    kind: KIND.header,
    epoch: BigInt(epoch),
    slot,
    payloadA: toHex(payloadA),
    signersA: keyIds,
    payloadB: toHex(payloadB),
    signersB: keyIds,
    signature: toHex(g2ToEip2537(blsAggregateSignatures(signatures))),
  };
  const args = [evidence, reporter] as const;
  const data = encodeFunctionData({ abi: slasherAbi, functionName: "slashEquivocation", args });
  return l2.send(reporter, slasher, data);
}
