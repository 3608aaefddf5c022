import { zeroAddress } from "viem";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1FromEip2537 } from "#protocol/crypto/eip2537.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { NodeOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { formatFlk, formatTime } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { firstConsensusKey } from "./keys.ts";
import { openReader, type Reader, unreachableL2 } from "./persona.ts";
import { findNodeId, nodeOnL2 } from "./registration.ts";

/** The node that is meant, for looking at it: without a password. @throws ERR_NOT_REGISTERED, ERR_KEYSTORE_MISSING */
export async function observe(options: NodeOptions): Promise<{ reader: Reader; nodeId: number }> {
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const key = options.node === undefined ? await firstConsensusKey(home) : undefined;
  const reader = await openReader(home, config);
  if (key) return { reader, nodeId: await findNodeId(reader, key) };
  const nodeId = Number(options.node);
  await nodeOnL2(reader, nodeId);
  return { reader, nodeId };
}

/** 48 bytes. @throws ERR_L2_UNREACHABLE */
async function consensusKeyOf({ l2, config }: Reader, nodeId: number, version: number): Promise<Uint8Array> {
  try {
    const key = await l2.public.readContract({
      address: l2.contracts.staking,
      abi: nodeStakingAbi,
      functionName: "keyOf",
      args: [nodeId, version],
    });
    return g1FromEip2537(fromHex(key));
  } catch (error) {
    throw unreachableL2(config, error);
  }
}

/** What the L2 has of a node. */
export async function showNode(options: NodeOptions): Promise<void> {
  const { reader, nodeId } = await observe(options);
  const node = await nodeOnL2(reader, nodeId);
  const consensusKey = toHex(await consensusKeyOf(reader, nodeId, node.keyVersion));
  const operator = node.operator === zeroAddress ? undefined : node.operator;
  createOutput(options).data({ nodeId, ...node, operator: operator ?? null, consensusKey }, [
    `node        ${nodeId}`,
    `owner       ${node.owner}`,
    `operator    ${operator ?? "nobody but the owner"}`,
    `payee       ${node.payee}`,
    `stake       ${formatFlk(node.staked)}, ${formatFlk(node.thawing)} thawing, ${formatFlk(node.slashed)} slashed so far`,
    `locked      ${node.lockedUntil === 0n ? "no" : `until ${formatTime(node.lockedUntil)}`}`,
    `committees  ${node.optedIn ? "may be drawn" : "is not drawn"}`,
    `consensus   ${consensusKey}, version ${node.keyVersion}`,
    `network     ${node.networkKey}`,
  ]);
}
