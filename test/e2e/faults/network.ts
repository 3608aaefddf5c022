import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deployContracts, openDeployer, startL2, startNetwork } from "#cli/devnet/l2.ts";
import { DEVNET_DEFAULTS, type DevnetOptions } from "#cli/devnet/options.ts";
import { assertPortsFree, nodePorts } from "#cli/devnet/ports.ts";
import { flkProcess, fundMembers, makeMembers, openMembers, registerAll } from "#cli/devnet/setup.ts";
import { newStatus } from "#cli/devnet/status.ts";
import { Supervisor } from "#cli/devnet/supervisor.ts";
import type { Cast, LocalNode, World } from "#cli/devnet/world.ts";
import { logFile } from "#cli/devnet/world.ts";
import { TcpProxies } from "./proxies.ts";
import { Watched } from "./watched.ts";
import { readRecords } from "./witness/records.ts";

const WITNESS = fileURLToPath(new URL("./witness/preload.ts", import.meta.url));
/** Of the proxies in front of the nodes: between the ports of one node. */
const ANNOUNCE_OFFSET = 50;
const PORTS = { l2Port: 29_545, indexerPort: 29_000, portOffset: 22_000, announceOffset: ANNOUNCE_OFFSET };
const UP_TIMEOUT_MS = 60_000;

export interface TestContext {
  after(fn: () => Promise<void>): void;
  diagnostic(message: string): void;
}

export interface Sizes {
  nodes: number;
  committee: number;
  epochSeconds: number;
  /** before their first start; what it gives is called after their end */
  prepare?(nodes: readonly LocalNode[]): () => void;
}

/** FLK_FAULTS_SEED, or another one each time; shown, so that the same faults can be had again. */
export function seedOf(t: TestContext): number {
  const seed = Number(process.env.FLK_FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`FLK_FAULTS_SEED=${seed}`);
  return seed;
}

/** A network of node processes with a local L2, TCP proxies between all of them, and a record of what each of them signed. */
export class FaultNetwork extends Watched<LocalNode> {
  readonly world: World;
  readonly cast: Cast;
  readonly proxies: TcpProxies;
  readonly supervisor: Supervisor;
  readonly #mayEnd: Set<string>;

  constructor(world: World, cast: Cast, proxies: TcpProxies, mayEnd: Set<string>) {
    super(cast.nodes, world.signal);
    this.world = world;
    this.cast = cast;
    this.proxies = proxies;
    this.supervisor = world.supervisor;
    this.#mayEnd = mayEnd;
  }

  override running(): LocalNode[] {
    return this.nodes.filter(({ name }) => this.supervisor.state(name) === "up");
  }

  waitUp(node: LocalNode): Promise<void> {
    return this.supervisor.waitUp(node.name, UP_TIMEOUT_MS);
  }

  async restart(node: LocalNode): Promise<void> {
    await this.supervisor.restart(node.name);
    await this.waitUp(node);
  }

  /** Its end does not end the test, until `expectUp`. */
  expectEnd(node: LocalNode): void {
    this.#mayEnd.add(node.name);
  }

  expectUp(node: LocalNode): void {
    this.#mayEnd.delete(node.name);
  }

  pid(node: LocalNode): number {
    const pid = this.supervisor.pid(node.name);
    if (pid === undefined) throw new Error(`${node.name} does not run`);
    return pid;
  }

  /** All messages with a signature of its own that the node sent so far, over all its lives. */
  signed(node: LocalNode): Iterable<Uint8Array> {
    return readRecords(witnessPrefix(this.world, node.name));
  }

  log(node: LocalNode): Promise<string> {
    return readFile(logFile(this.world, node.name), "utf8");
  }
}

function witnessPrefix(world: World, name: string): string {
  return join(world.root, "signed", name);
}

/** A network that runs; it and its files are gone when the test ends. */
export async function startFaultNetwork(t: TestContext, { prepare, ...sizes }: Sizes): Promise<FaultNetwork> {
  const options: DevnetOptions = {
    ...DEVNET_DEFAULTS,
    ...PORTS,
    ...sizes,
    clients: 0,
    epochs: undefined,
    killOne: false,
    badNode: false,
    json: false,
    content: [],
    dir: undefined,
    host: "127.0.0.1",
  };
  await assertPortsFree(options);
  const { world, mayEnd, end } = await openWorld(t, options);
  const proxies = new TcpProxies(options.host);
  let restore = (): void => undefined;
  t.after(() => end(proxies, restore));
  const began = Date.now();
  const [members] = await Promise.all([makeMembers(world), startL2(world)]);
  const deployment = await deployContracts(world);
  const deployer = openDeployer(world.rpcUrl);
  await fundMembers(deployer, members, deployment);
  const cast = await openMembers(world, members, deployment);
  const committee = await registerAll(world, cast);
  const network = new FaultNetwork(world, cast, proxies, mayEnd);
  for (const { name, index } of cast.nodes) {
    const { pool } = nodePorts(index, options.portOffset);
    await proxies.open({ name, listen: pool + options.announceOffset, to: pool });
  }
  proxies.identify(() => new Map(cast.nodes.map(({ name }) => [world.supervisor.pid(name) ?? 0, name])));
  if (prepare) restore = prepare(cast.nodes);
  await Promise.all(cast.nodes.map((node) => startNode(world, node)));
  await Promise.all(cast.nodes.map(({ name }) => world.supervisor.waitUp(name, UP_TIMEOUT_MS)));
  await startNetwork(deployer, deployment, committee);
  await network.until(
    "the first block",
    async () => ((await network.height()) >= 0 ? true : undefined),
    60_000,
  );
  t.diagnostic(`${sizes.nodes} nodes, first block after ${Date.now() - began} ms`);
  return network;
}

interface OpenWorld {
  world: World;
  mayEnd: Set<string>;
  end(proxies: TcpProxies, restore: () => void): Promise<void>;
}

async function openWorld(t: TestContext, options: DevnetOptions): Promise<OpenWorld> {
  const root = await mkdtemp(join(tmpdir(), "flk-faults-"));
  for (const folder of ["logs", "signed"]) await mkdir(join(root, folder));
  const ending = new AbortController();
  const mayEnd = new Set<string>();
  const supervisor = new Supervisor((error) => {
    const { name } = (error as Error & { data: { name: string } }).data;
    if (!mayEnd.has(name)) ending.abort(error);
  });
  const killNow = (): void => supervisor.killNow();
  process.once("exit", killNow);
  const world: World = {
    options,
    root,
    rpcUrl: `http://${options.host}:${options.l2Port}`,
    graphqlUrl: "",
    status: newStatus(),
    display: { line: (text) => t.diagnostic(text), stop: () => undefined },
    supervisor,
    signal: ending.signal,
  };
  return {
    world,
    mayEnd,
    async end(proxies, restore) {
      ending.abort(new Error("the test ends"));
      await Promise.all([supervisor.stop(), proxies.close()]);
      process.off("exit", killNow);
      restore();
      if (process.env.FLK_FAULTS_KEEP === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

function startNode(world: World, node: LocalNode): Promise<void> {
  const { args, env, ...spec } = flkProcess(world, node, ["node", "run"]);
  return world.supervisor.start({
    ...spec,
    args: ["--import", WITNESS, ...args],
    env: { ...env, FLK_WITNESS: witnessPrefix(world, node.name) },
  });
}
