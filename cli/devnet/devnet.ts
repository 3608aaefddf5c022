import { rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { getBalance } from "#client/actions/get-balance.ts";
import { topUpBalance } from "../actions/money.ts";
import { authorizeKey } from "../actions/session.ts";
import { cliError } from "../errors.ts";
import { formatStable } from "../io/amounts.ts";
import { toJson } from "../io/output.ts";
import { onStop } from "../process.ts";
import { runAudit } from "./audit.ts";
import { keepBidding } from "./bidder.ts";
import { createDisplay } from "./display.ts";
import { keepClaiming } from "./keeper.ts";
import { killInTurn } from "./killer.ts";
import { deployContracts, openDeployer, raisePrices, registerSite, startL2 } from "./l2.ts";
import { useForever } from "./load.ts";
import { type DevnetOptions, MIN_COMMITTEE, TEMP_PREFIX } from "./options.ts";
import { assertPortsFree } from "./ports.ts";
import { quiesce } from "./quiesce.ts";
import {
  badNodeOf,
  fundMembers,
  importElsewhere,
  importFirst,
  makeMembers,
  openMembers,
  registerAll,
  startIndexer,
  startNodes,
} from "./setup.ts";
import { newStatus } from "./status.ts";
import { type Summary, summarizeAccounts, summarizeEpochs, summarizeLots, summaryLines } from "./summary.ts";
import { Supervisor } from "./supervisor.ts";
import { until } from "./wait.ts";
import { watchNodes } from "./watch.ts";
import type { Cast, Content, Visitor, World } from "./world.ts";

const SESSION_LIMIT = 50_000_000n;
const SESSION_EPOCHS = 100_000;

/**
 * Runs a whole network on this machine until it is told to stop, or for `epochs` settled epochs and then audits it.
 * Leaves no process and, unless `dir` is given, no file behind.
 * @throws ERR_PORT_IN_USE, ERR_CONTENT_MISSING, ERR_CONTENT_EMPTY, ERR_PROCESS, ERR_DEVNET_TIMEOUT, ERR_DEVNET_OUTPUT, ERR_AUDIT, ERR_INTERRUPTED
 */
export async function runDevnet(options: DevnetOptions): Promise<void> {
  assertSizes(options);
  await assertPortsFree(options);
  const root = await makeRoot(options.dir);
  await mkdir(join(root, "logs"));
  const ending = new AbortController();
  const status = newStatus();
  const supervisor = new Supervisor((error) => ending.abort(error));
  const release = onStop(() => ending.abort(cliError("ERR_INTERRUPTED", "interrupted")));
  const display = createDisplay(status, options.json ? process.stderr : process.stdout);
  const world: World = {
    options,
    root,
    rpcUrl: `http://${options.host}:${options.l2Port}`,
    graphqlUrl: `http://${options.host}:${options.indexerPort}/graphql`,
    status,
    display,
    supervisor,
    signal: ending.signal,
  };
  // however this process ends, nothing stays
  const clean = (): void => {
    supervisor.killNow();
    if (options.dir === undefined) rmSync(root, { recursive: true, force: true });
  };
  process.once("exit", clean);
  let summary: Summary | undefined;
  let failure: unknown;
  try {
    summary = await Promise.race([runNetwork(world, ending), aborted(ending.signal)]);
  } catch (error) {
    failure = error;
  }
  ending.abort(failure ?? cliError("ERR_INTERRUPTED", "the network ends"));
  display.stop();
  await supervisor.stop();
  clean();
  process.off("exit", clean);
  release();
  finish(options, summary, failure);
}

function finish(options: DevnetOptions, summary: Summary | undefined, failure: unknown): void {
  const asked =
    options.epochs === undefined && (failure as { code?: string } | undefined)?.code === "ERR_INTERRUPTED";
  if (failure !== undefined && !asked) throw failure;
  if (!summary) return;
  const out = options.json ? process.stderr : process.stdout;
  out.write(`${summaryLines(summary).join("\n")}\n`);
  if (options.json) process.stdout.write(`${toJson(summary)}\n`);
  const { problems } = summary.audit;
  if (problems.length > 0) {
    throw cliError("ERR_AUDIT", `the audit does not hold (${problems.length} problems): ${problems[0]}`);
  }
}

function assertSizes({ nodes, committee }: DevnetOptions): void {
  if (committee > nodes)
    throw cliError("ERR_USAGE", `a committee of ${committee} needs as many nodes, not ${nodes}`);
  if (committee < MIN_COMMITTEE)
    throw cliError("ERR_USAGE", `a committee has at least ${MIN_COMMITTEE} members`);
}

async function makeRoot(dir: string | undefined): Promise<string> {
  if (dir === undefined) return mkdtemp(TEMP_PREFIX);
  const root = resolve(dir);
  await mkdir(root, { recursive: true });
  if ((await readdir(root)).length > 0) {
    throw cliError("ERR_DEVNET_DIR", `${root} is not empty; --dir wants a new or empty folder`, { root });
  }
  return root;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Lets a task run beside; its failure ends the network unless the task was told to end before. */
type Background = (task: Promise<void>, until: AbortSignal) => void;

/** The seven steps; resolves with the summary after `epochs`, else never. */
async function runNetwork(world: World, ending: AbortController): Promise<Summary | undefined> {
  const { options, status, display, signal } = world;
  const step = (text: string): void => {
    status.step = text;
    display.line(text);
  };
  const background: Background = (task, until) => {
    task.catch((error: unknown) => {
      if (!until.aborted) ending.abort(error);
    });
  };

  step("1/7 starting the L2 and deploying the contracts");
  const content = await importFirst(world);
  const [members] = await Promise.all([makeMembers(world), startL2(world)]);
  const deployment = await deployContracts(world);
  await writeFile(join(world.root, "deployment.json"), `${JSON.stringify(deployment, null, 2)}\n`);
  const deployer = openDeployer(world.rpcUrl);

  step(`2/7 ${options.nodes} operators register and stake`);
  await registerSite(world.rpcUrl, deployer, deployment);
  await fundMembers(deployer, members, deployment);
  const cast = await openMembers(world, members, deployment);
  await startIndexer(world, cast);
  const [committee] = await Promise.all([registerAll(world, cast), importElsewhere(world, cast)]);

  step(`3/7 starting ${options.nodes} nodes`);
  await startNodes(world, cast, deployer, committee);
  background(watchNodes(cast.nodes, world.supervisor, status, signal), signal);
  await until("the first block", async () => (status.height >= 0 ? true : undefined), {
    signal,
    timeoutMs: 60_000,
  });

  step(`4/7 ${cast.clients.length} clients top up and authorise their sessions`);
  await Promise.all(cast.clients.map((client) => openClient(client, signal)));

  step(`5/7 serving ${content.files.length} files, and a module to run`);
  const load = startLoad(world, cast, content, background);
  const [perGb = 0n, perMillionS = 0n] = await raisePrices(deployer, deployment);
  display.line(
    `the CDN takes ${formatStable(perGb)} per GB and ${formatStable(perMillionS / 1_000n)} per 1000 s of compute from the next epoch on`,
  );
  step("6/7 settling every epoch and claiming");
  const claims = new AbortController();
  signal.addEventListener("abort", () => claims.abort(), { once: true });
  const claimed = keepClaiming(world, cast, claims.signal);
  background(claimed, claims.signal);
  background(keepBidding(world, cast, load.signal), load.signal);
  if (options.killOne) {
    background(killInTurn(world, cast.nodes, load.signal), load.signal);
  }
  await world.supervisor.waitUp("indexer", 60_000);
  status.graphql = world.graphqlUrl;
  step(`7/7 running; explorer at ${new URL("/", world.graphqlUrl).href}, GraphQL at ${world.graphqlUrl}`);
  if (options.epochs === undefined) return aborted(signal);
  return conclude(world, cast, options.epochs, { load, claims, claimed });
}

/** Tops up, waits until the chain has seen it, and authorises the session key. */
async function openClient({ name, persona, topUp }: Visitor, signal: AbortSignal): Promise<void> {
  const { address, node } = persona;
  await topUpBalance(persona, address, topUp);
  const arrived = async (): Promise<true | undefined> =>
    (await getBalance(node, { address })).balance > 0n ? true : undefined;
  await until(`the top-up of ${name}`, arrived, { signal, timeoutMs: 60_000 });
  await authorizeKey(persona, { limit: SESSION_LIMIT, epochs: SESSION_EPOCHS });
}

/** Every client fetches and has the module run until the returned controller aborts. */
function startLoad(world: World, cast: Cast, content: Content, background: Background): AbortController {
  const load = new AbortController();
  world.signal.addEventListener("abort", () => load.abort(), { once: true });
  for (const [i, client] of cast.clients.entries()) {
    const how = { offset: 2 * i + 1, world, signal: load.signal };
    background(useForever(client, content, how), load.signal);
  }
  return load;
}

/** What goes on until the run has seen its epochs: first the load and the bids end, then the claims for all that is active. */
interface Running {
  load: AbortController;
  claims: AbortController;
  claimed: Promise<void>;
}

async function conclude(world: World, cast: Cast, epochs: number, running: Running): Promise<Summary> {
  const { status, signal, options, display } = world;
  const epochMs = options.epochSeconds * 1_000;
  const limit = { signal, timeoutMs: (epochs + 4) * epochMs + 60_000 };
  await until(
    `${epochs} closed epochs`,
    async () => ((status.epoch ?? 0) >= epochs ? true : undefined),
    limit,
  );
  running.load.abort();
  display.line(`${epochs} epochs closed; the clients have stopped`);
  const claimed = async (): Promise<true | undefined> =>
    status.claimedUpTo >= epochs - 1 ? true : undefined;
  await until(`the claims of epoch ${epochs - 1}`, claimed, { signal, timeoutMs: 2 * epochMs + 60_000 });
  running.claims.abort();
  await Promise.allSettled([running.claimed]);
  await quiesce(world, cast);
  display.line("auditing");
  const accounts = await summarizeAccounts(cast, status.claimedUpTo);
  const audit = await runAudit(world, cast, epochs, accounts);
  const epochList = await summarizeEpochs(cast, status.posted);
  const badNode = badNodeOf(world, cast)?.nodeId ?? null;
  return { epochs: epochList, lots: await summarizeLots(cast), accounts, badNode, audit };
}
