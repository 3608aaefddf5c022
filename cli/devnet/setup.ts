import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { DEFAULT_MAX_RESERVE } from "#client/session/reserver.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { contentDir, importContent } from "../actions/content.ts";
import { makeClientKeys, makeNodeKeys, ownerAddress } from "../actions/keys.ts";
import { openPersona } from "../actions/persona.ts";
import { registerOnL2 } from "../actions/stake.ts";
import { configureHome, type Deployment, type HomeSettings } from "../config/deployment.ts";
import { cliError } from "../errors.ts";
import { type Deployer, fund, startNetwork } from "./l2.ts";
import { MODULE } from "./module.ts";
import { DEVNET_PASSWORD } from "./options.ts";
import { nodePorts } from "./ports.ts";
import type { ProcessSpec } from "./supervisor.ts";
import {
  type Cast,
  type Content,
  type LocalClient,
  type LocalNode,
  logFile,
  type Member,
  memberOf,
  nodeUrls,
  type Visitor,
  type World,
} from "./world.ts";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MAIN = join(ROOT, "cli", "main.ts");
const FLK = 10n ** 18n;
const USD = 10n ** 6n;

/** What the members of a local network get and put in. */
const STAKE = 10_000n * FLK;
const OPERATOR_FLK = 15_000n * FLK;
const BIDDER_FLK = 1_000_000n * FLK;
const CLIENT_STABLE = 1_000n * USD;
type Means = Pick<Visitor, "topUp" | "runEvery" | "maxReserve" | "hasty">;
const AMPLE: Means = { topUp: 100n * USD, runEvery: 24, maxReserve: DEFAULT_MAX_RESERVE, hasty: false };
/**
 * One runs out after a few deliveries, one after a few runs, for which it reserves nothing, and one at once: all nodes count on the same
 * money, so that some of what it acknowledges is not paid in any run of the network.
 */
const SHORT: readonly (Means & { service: number })[] = [
  { ...AMPLE, topUp: USD / 50n, runEvery: Number.POSITIVE_INFINITY, service: 1 },
  { topUp: USD / 100n, runEvery: 1, maxReserve: 0n, hasty: false, service: 0 },
  { topUp: USD / 100n, runEvery: 1, maxReserve: 0n, hasty: true, service: 1 },
];
const SERVICES = 2;
const L2_POLL_MS = 400;
const POSTER_STEP_SECONDS = 3;
const UP_TIMEOUT_MS = 60_000;

/** What is served unless `--content` says otherwise. */
const DEFAULT_CONTENT: string[] = [join(ROOT, "docs"), join(ROOT, "contracts")];

function nodeName(index: number): string {
  return `node-${index + 1}`;
}

export interface Members {
  nodes: Member[];
  clients: Member[];
  keeper: Member;
  bidder: Member;
}

/** Folders and keys of everybody. */
export async function makeMembers(world: World): Promise<Members> {
  const names = (count: number, nameOf: (index: number) => string): Member[] =>
    Array.from({ length: count }, (_, i) => memberOf(world, nameOf(i)));
  const members = {
    nodes: names(world.options.nodes, nodeName),
    // more, who run out of money
    clients: names(world.options.clients + SHORT.length, (i) => `client-${i + 1}`),
    keeper: memberOf(world, "keeper"),
    bidder: memberOf(world, "bidder"),
  };
  await Promise.all([
    ...members.nodes.map(({ home }) => makeNodeKeys(home, DEVNET_PASSWORD, true)),
    ...[...members.clients, members.keeper, members.bidder].map(({ home }) =>
      makeClientKeys(home, DEVNET_PASSWORD, true),
    ),
  ]);
  return members;
}

/** Writes every configuration and opens every keystore as the commands do. */
export async function openMembers(world: World, members: Members, deployment: Deployment): Promise<Cast> {
  const open = async (member: Member, index: number): Promise<LocalClient> => {
    const config = await configureHome(member.home, deployment, settingsOf(world, index));
    return { ...member, persona: await openPersona(member.home, config, DEVNET_PASSWORD) };
  };
  const nodes = await Promise.all(
    members.nodes.map(async (member, index): Promise<LocalNode> => {
      const opened = await open(member, index);
      return { ...opened, index, nodeId: 0, ...nodeUrls(world, index) };
    }),
  );
  const clients = await Promise.all(
    members.clients.map(async (member, i): Promise<Visitor> => {
      const means = SHORT[i - world.options.clients] ?? { ...AMPLE, service: i % SERVICES };
      return { ...(await open(member, i % nodes.length)), ...means };
    }),
  );
  const [keeper, bidder] = await Promise.all([open(members.keeper, 0), open(members.bidder, 0)]);
  return { deployment, nodes, clients, keeper, bidder };
}

function settingsOf(world: World, index: number): HomeSettings {
  const { host, portOffset, announceOffset, indexerPort } = world.options;
  return {
    rpcUrls: [world.rpcUrl],
    publicHost: host,
    listenHost: host,
    portOffset: portOffset + 100 * index,
    publicPoolPort: nodePorts(index, portOffset).pool + announceOffset,
    nodeRpcUrl: nodeUrls(world, index).rpcUrl,
    l2PollMs: L2_POLL_MS,
    posterStepSeconds: POSTER_STEP_SECONDS,
    // one folder per key on one machine: there is no second copy, and restarts must be quick
    doppelgangerSeconds: 0,
    maxRuns: 1,
    indexerPort,
  };
}

export async function fundMembers(
  deployer: Deployer,
  members: Members,
  deployment: Deployment,
): Promise<void> {
  const address = ({ home }: Member): Promise<`0x${string}`> => ownerAddress(home);
  const operators = await Promise.all(
    members.nodes.map(async (node) => ({ address: await address(node), flk: OPERATOR_FLK })),
  );
  const clients = await Promise.all(
    members.clients.map(async (client) => ({ address: await address(client), stable: CLIENT_STABLE })),
  );
  const bidder = { address: await address(members.bidder), flk: BIDDER_FLK };
  await fund(deployer, deployment, {
    operators: [...operators, bidder],
    clients,
    gasOnly: [await address(members.keeper)],
  });
}

/** Every operator registers and stakes; fills in the node ids. The first `committee` nodes open epoch 0. */
export async function registerAll(world: World, cast: Cast): Promise<Committee> {
  const members = await Promise.all(
    cast.nodes.map(async (node) => {
      const keys = await openKeystore({ dir: node.home.keystore, password: DEVNET_PASSWORD });
      node.nodeId = await registerOnL2(node.persona, keys, STAKE);
      return { nodeId: node.nodeId, keyVersion: 0, power: 1, consensusKey: keys.consensus.publicKey };
    }),
  );
  members.sort((a, b) => a.nodeId - b.nodeId);
  return { epoch: 0, members: members.slice(0, world.options.committee) };
}

/** Reads the content into the first node's store; what the clients will ask for. @throws ERR_CONTENT_MISSING, ERR_CONTENT_EMPTY */
export async function importFirst(world: World): Promise<Content> {
  const folders = foldersOf(world);
  const dir = contentDir(memberOf(world, nodeName(0)).home);
  await mkdir(moduleFolder(world));
  await writeFile(join(moduleFolder(world), "generator.wasm"), MODULE);
  const [module] = await importContent(dir, [moduleFolder(world)]);
  const files = await importContent(dir, folders);
  const served = files.filter(({ size }) => size > 0);
  if (!module || served.length === 0)
    throw cliError("ERR_CONTENT_EMPTY", `no file with content in ${folders.join(", ")}`);
  return { files: served, module };
}

function moduleFolder({ root }: World): string {
  return join(root, "modules");
}

/** The same files into the stores of all other nodes. */
export async function importElsewhere(world: World, cast: Cast): Promise<void> {
  const [, ...others] = cast.nodes;
  await Promise.all(
    others.map(({ home, persona }) =>
      importContent(contentDir(home, persona.config), [...foldersOf(world), moduleFolder(world)]),
    ),
  );
}

function foldersOf({ options }: World): string[] {
  return options.content.length > 0 ? options.content.map((dir) => resolve(dir)) : DEFAULT_CONTENT;
}

/** Starts every node process and then the network; resolves when epoch 0 has begun on the L2. */
export async function startNodes(
  world: World,
  cast: Cast,
  deployer: Deployer,
  committee: Committee,
): Promise<void> {
  const bad = badNodeOf(world, cast);
  await Promise.all(
    cast.nodes.map((node) => {
      const spoiling = node === bad ? ["--corrupt-percent", SPOILED_PERCENT] : [];
      return world.supervisor.start(flkProcess(world, node, ["node", "run", ...spoiling]));
    }),
  );
  await Promise.all(cast.nodes.map(({ name }) => world.supervisor.waitUp(name, UP_TIMEOUT_MS)));
  await startNetwork(deployer, cast.deployment, committee);
}

const SPOILED_PERCENT = "20";

/** The last node, where one is to be bad. */
export function badNodeOf({ options }: World, { nodes }: Cast): LocalNode | undefined {
  return options.badNode ? nodes.find(({ index }) => index === options.nodes - 1) : undefined;
}

export async function startIndexer(world: World, cast: Cast): Promise<void> {
  const [first] = cast.nodes;
  if (!first) return;
  const spec = flkProcess(world, { name: "indexer", home: first.home }, ["indexer", "run"]);
  // a database of the person's own is not for a network that is gone tomorrow
  await world.supervisor.start({ ...spec, env: { ...spec.env, DATABASE_URL: "" } });
}

/** `flk …` in a process of its own, with the home and the password of `member`. */
export function flkProcess(world: World, member: Member, args: string[]): ProcessSpec {
  return {
    name: member.name,
    command: process.execPath,
    args: [MAIN, ...args],
    env: { FLK_HOME: member.home.root, FLK_PASSWORD: DEVNET_PASSWORD },
    logFile: logFile(world, member.name),
    lifeline: true,
  };
}
