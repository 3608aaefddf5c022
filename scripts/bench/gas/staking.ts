import { encodeFunctionData, maxUint256 } from "viem";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { popMessage } from "#protocol/digests/settlement.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { nodeSigner } from "./committees.ts";
import type { GasL2 } from "./l2.ts";
import { word } from "./words.ts";

const FLK = 10n ** 18n;
const STAKE = 12_345n * FLK;
const THAWED_S = 3_600;

export interface StakingGas {
  register: bigint;
  stake: bigint;
  requestUnstake: bigint;
  withdraw: bigint;
}

/** Registers nodes 1 to `count`, all of the first account. @returns the gas of the last registration */
export async function registerNodes(l2: GasL2, count: number): Promise<bigint> {
  const [owner] = l2.accounts as [Hex];
  let gas = 0n;
  for (let id = 1; id <= count; id++)
    gas = await l2.send(owner, l2.deployment.staking, registration(l2, owner, id));
  return gas;
}

function registration(l2: GasL2, owner: Hex, id: number): Hex {
  const signer = nodeSigner(id);
  const key = g1ToEip2537(signer.publicKey);
  const proof = signer.sign(popMessage(fromHex(l2.deployment.networkId), owner, key));
  const endpoints = `/ip4/203.0.113.${id % 256}/tcp/4200`;
  return encodeFunctionData({
    abi: nodeStakingAbi,
    functionName: "register",
    args: [toHex(key), toHex(g2ToEip2537(proof)), toHex(word(`network key of node ${id}`)), endpoints],
  });
}

/** A node's first stake, request and withdrawal, where other nodes have stake and thaw some already. */
export async function measureStaking(l2: GasL2, register: bigint): Promise<StakingGas> {
  const { flk, staking } = l2.deployment;
  const [owner] = l2.accounts as [Hex];
  await l2.send(
    owner,
    flk,
    encodeFunctionData({ abi: flkAbi, functionName: "approve", args: [staking, maxUint256] }),
  );
  const stake = (node: number) =>
    encodeFunctionData({ abi: nodeStakingAbi, functionName: "stake", args: [node, STAKE] });
  const unstake = (node: number) =>
    encodeFunctionData({ abi: nodeStakingAbi, functionName: "requestUnstake", args: [node, STAKE / 2n] });
  const withdraw = encodeFunctionData({
    abi: nodeStakingAbi,
    functionName: "withdraw",
    args: [1, 0n, owner],
  });

  await l2.send(owner, staking, stake(2));
  await l2.send(owner, staking, unstake(2));
  const gas = {
    register,
    stake: await l2.send(owner, staking, stake(1)),
    requestUnstake: await l2.send(owner, staking, unstake(1)),
  };
  l2.wait(THAWED_S);
  return { ...gas, withdraw: await l2.send(owner, staking, withdraw) };
}
