import { approve } from "#client/actions/approve.ts";
import { cancelUnstake as sendCancel } from "#client/actions/cancel-unstake.ts";
import { getThawingRequests } from "#client/actions/get-thawing-requests.ts";
import type { L2Receipt } from "#client/actions/l2-client.ts";
import { lockStake as sendLock } from "#client/actions/lock-stake.ts";
import { registerNode as sendRegistration } from "#client/actions/register-node.ts";
import { requestUnstake as sendUnstake } from "#client/actions/request-unstake.ts";
import { stake as sendStake } from "#client/actions/stake.ts";
import { withdrawStake as sendWithdrawal } from "#client/actions/withdraw-stake.ts";
import { type OpenKeystore, openKeystore } from "#node/keys/keystore.ts";
import type { CommonOptions, NodeOptions } from "../cmds/options.ts";
import { writeNodeId } from "../config/registration.ts";
import { formatFlk, formatTime, parseAddress, parseFlk } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { table } from "../io/table.ts";
import { observe } from "./node.ts";
import { type Persona, personaOf } from "./persona.ts";
import { findNodeId, nodeOnL2 } from "./registration.ts";

/** seconds */
const DAY = 86_400n;

/** What the L2 tells others of a node: multiaddrs first, then the edge's URL. */
export function endpoints({ config }: Persona): string {
  const { listen, announce } = config.pool;
  const { url } = config.handshake;
  return [...(announce.length > 0 ? announce : listen), ...(url === undefined ? [] : [url])].join(",");
}

/** Registers the node, with `stake` wei at once. Returns its id. @throws ERR_L2_REVERTED */
export async function registerOnL2(persona: Persona, keys: OpenKeystore, stake = 0n): Promise<number> {
  const { l2, network } = persona;
  if (stake > 0n)
    await approve(l2, { token: l2.contracts.flk, spender: l2.contracts.staking, amount: stake });
  const { nodeId } = await sendRegistration(l2, {
    network,
    consensus: keys.consensus,
    networkKey: keys.network.publicKey,
    endpoints: endpoints(persona),
    stake,
  });
  await writeNodeId(persona.home, persona.config, keys.consensus.publicKey, nodeId);
  return nodeId;
}

/** Stakes `amount` wei on a node of this persona. @throws ERR_L2_REVERTED */
export async function stakeOnL2({ l2 }: Persona, nodeId: number, amount: bigint): Promise<L2Receipt> {
  await approve(l2, { token: l2.contracts.flk, spender: l2.contracts.staking, amount });
  return sendStake(l2, { nodeId, amount });
}

/** The persona behind the options, and the node that is meant. @throws ERR_NOT_REGISTERED and the keystore codes */
export async function operatorOf(options: NodeOptions): Promise<{ persona: Persona; nodeId: number }> {
  const persona = await personaOf(options);
  if (options.node !== undefined) {
    await nodeOnL2(persona, options.node);
    return { persona, nodeId: options.node };
  }
  const keys = await openKeystore({ dir: persona.home.keystore, password: persona.password });
  return { persona, nodeId: await findNodeId(persona, keys.consensus.publicKey) };
}

export async function registerNode(options: CommonOptions & { stake?: string }): Promise<void> {
  const stake = options.stake === undefined ? 0n : parseFlk(options.stake);
  const persona = await personaOf(options);
  const keys = await openKeystore({ dir: persona.home.keystore, password: persona.password });
  const nodeId = await registerOnL2(persona, keys, stake);
  createOutput(options).data({ nodeId, stake }, [
    `registered as node ${nodeId} with ${formatFlk(stake)} staked`,
  ]);
}

export async function stakeNode(amount: string, options: NodeOptions): Promise<void> {
  const wei = parseFlk(amount);
  const { persona, nodeId } = await operatorOf(options);
  const { txHash } = await stakeOnL2(persona, nodeId, wei);
  createOutput(options).data({ nodeId, amount: wei, txHash }, [`staked ${formatFlk(wei)} on node ${nodeId}`]);
}

export async function requestUnstake(amount: string, options: NodeOptions): Promise<void> {
  const wei = parseFlk(amount);
  const { persona, nodeId } = await operatorOf(options);
  const { txHash } = await sendUnstake(persona.l2, { nodeId, amount: wei });
  createOutput(options).data({ nodeId, amount: wei, txHash }, [
    `${formatFlk(wei)} of node ${nodeId} thaws; flk unstake withdraw takes it out afterwards`,
  ]);
}

export async function listUnstaking(options: NodeOptions): Promise<void> {
  const { reader, nodeId } = await observe(options);
  const requests = await getThawingRequests(reader.l2, { nodeId });
  const rows = requests.map(({ id, amount, maturesAt }) => [
    String(id),
    formatFlk(amount),
    formatTime(maturesAt),
  ]);
  createOutput(options).data(
    { nodeId, requests },
    rows.length > 0 ? table(["REQUEST", "AMOUNT", "THAWED AT"], rows) : ["nothing thaws"],
  );
}

export async function cancelUnstake(requestId: bigint, options: NodeOptions): Promise<void> {
  const { persona, nodeId } = await operatorOf(options);
  const { txHash } = await sendCancel(persona.l2, { nodeId, requestId });
  createOutput(options).data({ nodeId, requestId, txHash }, [`request ${requestId} is stake again`]);
}

/** Locks all stake, from now on. */
export async function lockStake(days: number, options: NodeOptions): Promise<void> {
  const { persona, nodeId } = await operatorOf(options);
  const { txHash } = await sendLock(persona.l2, { nodeId, seconds: BigInt(days) * DAY });
  createOutput(options).data({ nodeId, days, txHash }, [
    `the stake of node ${nodeId} is locked for ${days} days from now`,
  ]);
}

export async function withdrawStake(options: NodeOptions & { to?: string }): Promise<void> {
  const named = options.to === undefined ? undefined : parseAddress(options.to);
  const { persona, nodeId } = await operatorOf(options);
  const to = named ?? persona.address;
  const { txHash, amount } = await sendWithdrawal(persona.l2, { nodeId, to });
  createOutput(options).data({ nodeId, amount, to, txHash }, [
    `withdrew ${formatFlk(amount)} from node ${nodeId} to ${to}`,
  ]);
}
