import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Deployment, type DeployOptions, deployAll } from "#scripts/deploy/deploy-all.ts";
import { readNetwork } from "#scripts/deploy/networks.ts";
import { readAddress, readKey } from "#scripts/deploy/options.ts";
import { cliError } from "../errors.ts";
import { createOutput, type Output } from "../io/output.ts";
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

async function deployOptions(options: DeployCommandOptions, { progress }: Output): Promise<DeployOptions> {
  const { network, rpcUrl, stable, journal } = options;
  const key = process.env.FLK_DEPLOYER_KEY;
  return {
    rpcUrl,
    progress,
    ...(network !== "devnet" && { parameters: await readNetwork(network) }),
    ...(stable !== undefined && { stable: readAddress("--stable", stable) }),
    ...(key && { deployerKey: readKey("FLK_DEPLOYER_KEY", key) }),
    ...(journal !== undefined && { journal }),
  };
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
    throw cliError("ERR_DEPLOYMENT", `${file} could not be checked: ${stderr.trim()}`, { file });
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
