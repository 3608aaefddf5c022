import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { DEVNET_PASSWORD } from "#cli/devnet/options.ts";
import { nodePorts } from "#cli/devnet/ports.ts";
import type { LocalNode } from "#cli/devnet/world.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { FaultNetwork, TestContext } from "./network.ts";

/** What the flooding process is told on its command line, as JSON. */
export interface FloodSetup {
  nodeId: number;
  networkSeed: Hex;
  /** multiaddr */
  listen: string;
  peers: { nodeId: number; networkKey: Hex; addresses: string[] }[];
  seed: number;
}

const PROGRAM = fileURLToPath(new URL("./flooder.ts", import.meta.url));

/** A process with the network key and the address of `node`, which must not run, that sends garbage to all others. Returns what ends it. */
export async function flood(
  t: TestContext,
  network: FaultNetwork,
  node: LocalNode,
  seed: number,
): Promise<() => Promise<void>> {
  const { portOffset } = network.world.options;
  const addressOf = ({ index }: LocalNode): string =>
    `/ip4/127.0.0.1/tcp/${nodePorts(index, portOffset).pool}`;
  const keysOf = ({ home }: LocalNode) => openKeystore({ dir: home.keystore, password: DEVNET_PASSWORD });
  const others = network.nodes.filter((other) => other !== node);
  const peers = others.map(async (other) => ({
    nodeId: other.nodeId,
    networkKey: toHex((await keysOf(other)).network.publicKey),
    addresses: [addressOf(other)],
  }));
  const setup: FloodSetup = {
    nodeId: node.nodeId,
    networkSeed: toHex((await keysOf(node)).networkSeed),
    listen: addressOf(node),
    peers: await Promise.all(peers),
    seed,
  };
  const child = fork(PROGRAM, [JSON.stringify(setup)]);
  t.after(() => ended(child));
  await once(child, "message", { signal: AbortSignal.timeout(30_000) });
  return () => ended(child);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
