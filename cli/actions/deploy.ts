import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Deployment, type DeployOptions, deployAll } from "#scripts/deploy/deploy-all.ts";
import { deployImplementation } from "#scripts/deploy/implementation.ts";
import { PROXIED } from "#scripts/deploy/implementations.ts";
import { readNetwork } from "#scripts/deploy/networks.ts";
import { readAddress, readKey } from "#scripts/deploy/options.ts";
import { writeSources } from "#scripts/deploy/sources.ts";
import { cliError } from "../errors.ts";
import { createOutput, type Output } from "../io/output.ts";
import { assertWritable } from "../io/output-file.ts";
import { programOutput } from "../io/program-output.ts";

const CHECK = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  "scripts/check/deployment/main.ts",
);

export interface DeployCommandOptions {
  network: string;
  rpcUrl: string;
  stable?: string;
  out?: string;
  journal?: string;
  verify?: string;
  implementation?: string;
  sources?: string;
  of?: string;
  json?: boolean;
}

export async function deploy(options: DeployCommandOptions): Promise<void> {
  const output = createOutput(options);
  const { rpcUrl, verify } = options;
  if (verify !== undefined) {
    await checkDeployment(verify, rpcUrl, output);
    output.data({ ok: true }, ["every role, link and implementation is as it should be"]);
    return;
  }
  if (options.sources !== undefined) {
    const files = await writeSources(rpcUrl, await deploymentOf(options), options.sources);
    output.data({ folder: options.sources, files }, [`wrote ${files.length} files to ${options.sources}`]);
    return;
  }
  if (options.implementation !== undefined) {
    await implement(options, options.implementation, output);
    return;
  }
  if (options.out !== undefined) await assertNew(options.out);
  const deployment = await deployAll(await deployOptions(options, output));
  await withFile(deployment, options.out, async (file) => {
    output.progress("checking every role, link and implementation");
    await checkDeployment(file, rpcUrl, output);
  });
  output.data(deployment, [
    ...lines(deployment),
    ...(options.out === undefined ? [] : [`wrote ${options.out}`]),
  ]);
}

/** @throws ERR_USAGE, ERR_CONFIG, ERR_DEPLOY and its kind */
async function implement(options: DeployCommandOptions, contract: string, output: Output): Promise<void> {
  const known = PROXIED.find((name) => name === contract);
  if (!known) throw cliError("ERR_USAGE", `--implementation takes one of ${PROXIED.join(", ")}`);
  const implementation = await deployImplementation({
    rpcUrl: options.rpcUrl,
    deployment: await deploymentOf(options),
    contract: known,
    ...deployerKey(),
  });
  output.data({ contract, implementation }, [
    `${implementation} is the new code of ${contract}; governance upgrades with`,
    `flk gov propose --description … --call ${contract}.upgradeToAndCall ${implementation} 0x`,
  ]);
}

/** The deployment of `--of`. @throws ERR_USAGE, ERR_CONFIG */
async function deploymentOf({ of: path }: DeployCommandOptions): Promise<Deployment> {
  if (path === undefined) throw cliError("ERR_USAGE", "--of must name the file of the deployment");
  try {
    return JSON.parse(await readFile(path, "utf8")) as Deployment;
  } catch (cause) {
    throw cliError("ERR_CONFIG", `${path} cannot be read as a deployment (JSON)`, { path }, cause);
  }
}

function deployerKey(): { deployerKey?: `0x${string}` } {
  const key = process.env.FLK_DEPLOYER_KEY;
  return key ? { deployerKey: readKey("FLK_DEPLOYER_KEY", key) } : {};
}

async function deployOptions(options: DeployCommandOptions, { progress }: Output): Promise<DeployOptions> {
  const { network, rpcUrl, stable, journal } = options;
  return {
    rpcUrl,
    progress,
    ...deployerKey(),
    ...(network !== "devnet" && { parameters: await readNetwork(network) }),
    ...(stable !== undefined && { stable: readAddress("--stable", stable) }),
    ...(journal !== undefined && { journal }),
  };
}

/** A deployment costs too much to be lost. @throws ERR_CONFIG_EXISTS, ERR_OUTPUT_FILE */
async function assertNew(path: string): Promise<void> {
  if (existsSync(path)) throw cliError("ERR_CONFIG_EXISTS", `${path} is there already`, { path });
  await assertWritable(path);
}

/** Writes the deployment to `out`, else to a file that is gone afterwards. */
async function withFile(
  deployment: Deployment,
  out: string | undefined,
  use: (file: string) => Promise<void>,
): Promise<void> {
  const folder = out === undefined ? await mkdtemp(join(tmpdir(), "flk-deploy-")) : undefined;
  const file = out ?? join(folder ?? "", "deployment.json");
  try {
    await writeFile(file, `${JSON.stringify(deployment, null, 2)}\n`);
    await use(file);
  } finally {
    if (folder) await rm(folder, { recursive: true, force: true });
  }
}

interface Problem {
  code: string;
  text: string;
}

/** By a program of its own, which shares no code with the deployment. @throws ERR_DEPLOYMENT naming all that is off */
async function checkDeployment(file: string, rpcUrl: string, output: Output): Promise<void> {
  const { code, stdout, stderr } = await programOutput([CHECK, "--deployment", file, "--rpc-url", rpcUrl]);
  if (code === 0) return;
  if (code !== 1)
    throw cliError("ERR_DEPLOYMENT", `the deployment could not be checked: ${stderr.trim()}`, { file });
  const { problems } = JSON.parse(stdout) as { problems: Problem[] };
  if (output.json) output.data({ ok: false, problems }, []);
  const texts = problems.map((problem) => `\n  ${problem.code}: ${problem.text}`);
  throw cliError("ERR_DEPLOYMENT", `not as it should be:${texts.join("")}`, {
    file,
    problems: problems.length,
  });
}

function lines(deployment: Deployment): string[] {
  return Object.entries(deployment).flatMap(([name, value]) =>
    typeof value === "object" ? [] : [`${name.padEnd(14)} ${value}`],
  );
}
