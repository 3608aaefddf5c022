import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPublicClient, http, parseAbi } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import type { Deployment } from "./deploy-all.ts";
import { deployError, deployFailure } from "./errors.ts";
import { buildContracts, projectHardhat } from "./hardhat.ts";
import { IMPLEMENTATIONS, PROXIED } from "./implementations.ts";

const CONTROL = parseAbi(["function control() view returns (address)"]);

interface Deployed {
  /** of the file */
  name: string;
  address: Hex;
  artifact: string;
}

/**
 * Writes one file per contract of the deployment to `folder`: what Sourcify takes to show its source to everybody.
 * @returns names of the files @throws ERR_DEPLOY
 */
export async function writeSources(
  rpcUrl: string,
  deployment: Deployment,
  folder: string,
): Promise<string[]> {
  const hre = await projectHardhat();
  await buildContracts(hre);
  await mkdir(folder, { recursive: true });
  const contracts = await deployedContracts(rpcUrl, deployment).catch((cause: unknown) => {
    throw deployFailure(rpcUrl, cause);
  });
  return Promise.all(
    contracts.map(async ({ name, address, artifact }) => {
      const { buildInfoId, inputSourceName } = await hre.artifacts.readArtifact(artifact);
      const path = buildInfoId && (await hre.artifacts.getBuildInfoPath(buildInfoId));
      if (!path) throw deployError("ERR_DEPLOY", `${artifact} was not compiled here`, { artifact });
      const { input, solcLongVersion } = JSON.parse(await readFile(path, "utf8")) as BuildInfo;
      const body = {
        stdJsonInput: input,
        compilerVersion: solcLongVersion,
        contractIdentifier: `${inputSourceName}:${artifact}`,
      };
      const file = `${name}-${address}.json`;
      await writeFile(join(folder, file), JSON.stringify(body));
      return file;
    }),
  );
}

interface BuildInfo {
  input: unknown;
  solcLongVersion: string;
}

async function deployedContracts(rpcUrl: string, deployment: Deployment): Promise<Deployed[]> {
  const { accessManager, timelock, governor, flk, settlement, implementations } = deployment;
  const client = createPublicClient({ transport: http(rpcUrl) });
  const control = await client.readContract({ address: settlement, abi: CONTROL, functionName: "control" });
  return [
    { name: "accessManager", address: accessManager, artifact: "AccessManager" },
    { name: "timelock", address: timelock, artifact: "FlkTimelock" },
    { name: "governor", address: governor, artifact: "FlkGovernor" },
    { name: "flk", address: flk, artifact: "FLK" },
    { name: "settlement-control", address: control, artifact: "SettlementControl" },
    ...PROXIED.flatMap((name) => [
      { name, address: deployment[name], artifact: "ERC1967Proxy" },
      {
        name: `${name}-implementation`,
        address: implementations[name],
        artifact: IMPLEMENTATIONS[name].artifact,
      },
    ]),
  ];
}
