import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "#cli/config/deployment.ts";
import { nodePorts } from "#cli/devnet/ports.ts";
import { createFlkClient } from "#client/client.ts";
import { Ledger } from "./ledger.ts";
import type { TestContext } from "./network.ts";
import { whileStopped } from "./pause.ts";
import { TcpProxies } from "./proxies.ts";
import { type Peer, Watched } from "./watched.ts";

/** What the others order while one is away: with another one killed, only when that is back. */
const AWAY = { blocks: 4, withinMs: 60_000 };

/** Proxies in front of the nodes of `flk devnet --dir dir --announce-offset …`, which may start later. */
export async function devnetProxies(
  t: TestContext,
  dir: string,
  ports: { nodes: number; portOffset: number; announceOffset: number },
): Promise<TcpProxies> {
  const proxies = new TcpProxies("127.0.0.1");
  t.after(() => proxies.close());
  proxies.identify(() => nodeProcesses(dir));
  for (let index = 0; index < ports.nodes; index++) {
    const { pool } = nodePorts(index, ports.portOffset);
    await proxies.open({ name: nameOf(index), listen: pool + ports.announceOffset, to: pool });
  }
  return proxies;
}

/** A member is cut off, then one stands still: the others go on, both catch up, and all have one chain. Another node may be killed meanwhile. */
export async function shortFaults(
  t: TestContext,
  proxies: TcpProxies,
  { dir, nodes, portOffset }: { dir: string; nodes: number; portOffset: number },
): Promise<void> {
  const ending = new AbortController();
  t.after(async () => ending.abort(new Error("the test ends")));
  const network = new Watched(await peers(dir, nodes, portOffset), ending.signal);
  const ledger = new Ledger();
  const cut = await lastMember(network);
  const others = network.nodes.filter((node) => node !== cut);
  proxies.partition([others.map(({ name }) => name), [cut.name]], "silent");
  await network.progress(others, AWAY);
  proxies.heal();
  t.diagnostic(`${cut.name} was cut off, and caught up in ${await network.progress()} ms`);
  const paused = await lastMember(network);
  const pid = [...nodeProcesses(dir)].find(([, name]) => name === paused.name)?.[0];
  assert.ok(pid !== undefined, `${paused.name} runs`);
  const awake = network.nodes.filter((node) => node !== paused);
  await whileStopped(pid, () => network.progress(awake, AWAY));
  t.diagnostic(`${paused.name} stood still, and caught up in ${await network.progress()} ms`);
  await ledger.follow(network.nodes);
}

/** Nodes are killed in turn from the first on. */
async function lastMember(network: Watched): Promise<Peer> {
  return (await network.members()).at(-1) ?? assert.fail("no member");
}

async function peers(dir: string, nodes: number, portOffset: number): Promise<Peer[]> {
  const deployment = JSON.parse(readFileSync(join(dir, "deployment.json"), "utf8")) as Deployment;
  const { chainId, contracts } = deployment;
  return Array.from({ length: nodes }, (_, index) => {
    const name = nameOf(index);
    const { nodeId } = JSON.parse(readFileSync(join(dir, name, "data", "registration.json"), "utf8")) as Peer;
    const rpcUrl = `http://127.0.0.1:${nodePorts(index, portOffset).rpc}`;
    return {
      name,
      nodeId,
      persona: { node: createFlkClient({ rpcUrl, chainId, settlement: contracts.settlement }) },
    };
  });
}

function nameOf(index: number): string {
  return `node-${index + 1}`;
}

/** The nodes of the network in `dir` by the folder in their environment: pid to name. */
function nodeProcesses(dir: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const home = homeOf(pid);
    if (home?.startsWith(join(dir, "node-"))) found.set(Number(pid), home.slice(dir.length + 1));
  }
  return found;
}

function homeOf(pid: string): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return environment.find((entry) => entry.startsWith("FLK_HOME="))?.slice("FLK_HOME=".length);
  } catch {
    // gone, or another user's
    return undefined;
  }
}
