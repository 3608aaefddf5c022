import type { L2Receipt } from "#client/actions/l2-client.ts";
import { rotateKeys as sendRotation } from "#client/actions/rotate-keys.ts";
import { rotateNetworkKey as sendNetworkKey } from "#client/actions/rotate-network-key.ts";
import { setEndpoints } from "#client/actions/set-endpoints.ts";
import { setNodePayee } from "#client/actions/set-node-payee.ts";
import { setOperator } from "#client/actions/set-operator.ts";
import { setParticipation } from "#client/actions/set-participation.ts";
import { addConsensusKey, type OpenKeystore, openKeystore } from "#node/keys/keystore.ts";
import { nextKey, takeNextKey } from "#node/keys/next-key.ts";
import type { BlsSigner } from "#protocol/crypto/bls.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { CommonOptions, NodeOptions } from "../cmds/options.ts";
import { parseAddress } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { type Persona, personaOf } from "./persona.ts";
import { findNodeId, nodeOnL2, registeredNode } from "./registration.ts";
import { endpoints, operatorOf } from "./stake.ts";

/** Sends what `change` does to the node that the options mean, and says so. */
async function operate(
  options: NodeOptions,
  change: (persona: Persona, nodeId: number) => Promise<{ receipt: L2Receipt; line: string }>,
): Promise<void> {
  const { persona, nodeId } = await operatorOf(options);
  const { receipt, line } = await change(persona, nodeId);
  createOutput(options).data({ nodeId, txHash: receipt.txHash }, [line]);
}

/** A key that was made and not registered yet, because something came between, is taken first. */
async function newConsensusKey(persona: Persona, keys: OpenKeystore, light: boolean): Promise<BlsSigner> {
  const newest = keys.rotated.at(-1);
  if (newest && (await registeredNode(persona, newest.publicKey)) === undefined) return newest;
  const { home, password } = persona;
  return addConsensusKey({ dir: home.keystore, password, kdf: light ? "light" : "standard" });
}

export async function rotateKeys(options: CommonOptions & { light?: boolean }): Promise<void> {
  const persona = await personaOf(options);
  const keys = await openKeystore({ dir: persona.home.keystore, password: persona.password });
  const nodeId = await findNodeId(persona, keys.consensus.publicKey);
  const consensus = await newConsensusKey(persona, keys, options.light === true);
  const { network, l2 } = persona;
  const { txHash } = await sendRotation(l2, { network, nodeId, consensus });
  createOutput(options).data({ nodeId, consensusKey: toHex(consensus.publicKey), txHash }, [
    `node ${nodeId} signs with ${toHex(consensus.publicKey)} from the next draw on`,
    "restart flk node run before the epoch ends: it takes each epoch's key by itself; keep the old key file",
  ]);
}

/** The order is such that the key in use is always one that the L2 was told. */
export async function rotateNetworkKey(options: CommonOptions & { light?: boolean }): Promise<void> {
  const { persona, nodeId } = await operatorOf(options);
  const { home, password, l2 } = persona;
  const dir = home.keystore;
  const next = await nextKey("network", { dir, password, kdf: options.light ? "light" : "standard" });
  const networkKey = toHex(next.publicKey);
  const told = (await nodeOnL2(persona, nodeId)).networkKey === networkKey;
  const receipt = told ? undefined : await sendNetworkKey(l2, { nodeId, networkKey: next.publicKey });
  await takeNextKey("network", dir);
  createOutput(options).data({ nodeId, networkKey, txHash: receipt?.txHash ?? null }, [
    `node ${nodeId} is known by ${networkKey} once the protocol chain has seen it`,
    "restart flk node run now: until then the other nodes do not take what it signs",
  ]);
}

export function announce(options: CommonOptions): Promise<void> {
  return operate(options, async (persona, nodeId) => {
    const announced = endpoints(persona);
    const receipt = await setEndpoints(persona.l2, { nodeId, endpoints: announced });
    return { receipt, line: `node ${nodeId} is announced at ${announced}` };
  });
}

export async function nameOperator(named: string, options: NodeOptions): Promise<void> {
  const operator = named === "none" ? undefined : parseAddress(named);
  await operate(options, async ({ l2 }, nodeId) => ({
    receipt: await setOperator(l2, { nodeId, operator }),
    line: operator ? `${operator} may run node ${nodeId}` : `nobody but its owner may run node ${nodeId}`,
  }));
}

export async function namePayee(named: string, options: NodeOptions): Promise<void> {
  const payee = parseAddress(named);
  await operate(options, async ({ l2 }, nodeId) => ({
    receipt: await setNodePayee(l2, { nodeId, payee }),
    line: `what node ${nodeId} earns is credited to ${payee}`,
  }));
}

export function participate(optedIn: boolean, options: NodeOptions): Promise<void> {
  return operate(options, async ({ l2 }, nodeId) => ({
    receipt: await setParticipation(l2, { nodeId, optedIn }),
    line: optedIn
      ? `node ${nodeId} may be drawn into committees`
      : `node ${nodeId} is not drawn into committees any more; a seat that it has lasts until the epoch ends`,
  }));
}
