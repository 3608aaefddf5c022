import { encodeFunctionData, maxUint256 } from "viem";
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

const NODE = 3;
const STAKE = 12_345n * 10n ** 18n;
const EPOCH = 1;
const ROUND = 42;

/** Stakes a node, and slashes it for two headers of one round, reported by somebody who holds no FLK. @returns the gas */
export async function measureSlash(l2: GasL2): Promise<bigint> {
  const { flk, staking, slasher, networkId } = l2.deployment;
  const [owner, , , reporter] = l2.accounts as [Hex, Hex, Hex, Hex];
  const approve = encodeFunctionData({ abi: flkAbi, functionName: "approve", args: [staking, maxUint256] });
  await l2.send(owner, flk, approve);
  const stake = encodeFunctionData({ abi: nodeStakingAbi, functionName: "stake", args: [NODE, STAKE] });
  await l2.send(owner, staking, stake);

  const [payloadA, payloadB] = [word("one header"), word("another header")];
  const slot = headerSlot(ROUND);
  const signatures = [payloadA, payloadB].map((payload) =>
    nodeSigner(NODE).sign(consensusMessage(fromHex(networkId), KIND.header, EPOCH, slot, payload)),
  );
  const keyIds = [BigInt(NODE) << 32n];
  const evidence = {
    kind: KIND.header,
    epoch: BigInt(EPOCH),
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
