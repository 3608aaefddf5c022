import { readFile } from "node:fs/promises";
import type { Deployment as Deployed } from "#scripts/deploy/deploy-all.ts";
import { cliError } from "../errors.ts";
import type { Home } from "./home.ts";
import { writeConfig } from "./load.ts";
import type { Config, L2Config } from "./schema.ts";

/** Where a network lives on its L2: what its operators publish. */
export interface Deployment {
  chainId: number;
  deployBlock: number;
  contracts: L2Config["contracts"];
}

/** What a home needs to know beside the deployment. */
export interface HomeSettings {
  rpcUrls: string[];
  publicHost: string;
  listenHost: string;
  portOffset: number;
  /** of the pool, where others reach it under another port than the one it listens on */
  publicPoolPort?: number | undefined;
  /** default: the RPC of this home's own node */
  nodeRpcUrl?: string | undefined;
  l2PollMs?: number;
  posterStepSeconds?: number;
  doppelgangerSeconds?: number;
  indexerPort?: number;
  /** runs of modules at once */
  maxRuns?: number;
}

/** What a config needs of what the deployment of the contracts printed. */
export function deploymentOf(deployed: Deployed): Deployment {
  const { chainId, fromBlock, flk, stable, staking, vault, settlement, parameters, services } = deployed;
  const { governor, timelock, votes, accessManager: access_manager, slasher, auction } = deployed;
  const served = { flk, stable, staking, vault, settlement, parameters, services, slasher, auction };
  const contracts = { ...served, governor, timelock, votes, access_manager };
  return { chainId, deployBlock: fromBlock, contracts };
}

/**
 * The file behind `--deployment`: as a local network writes it, or the output of `flk deploy`. The values
 * are checked when the configuration is written. @throws ERR_CONFIG
 */
export async function readDeployment(path: string): Promise<Deployment> {
  const unreadable = (cause?: unknown): Error =>
    cliError("ERR_CONFIG", `${path} cannot be read as a deployment (JSON)`, { path }, cause);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw unreadable(cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unreadable();
  return "contracts" in value ? (value as Deployment) : deploymentOf(value as Deployed);
}

/** Writes config.toml for one persona. @throws ERR_CONFIG, ERR_CONFIG_EXISTS unless `force` */
export function configureHome(
  home: Home,
  deployment: Deployment,
  settings: HomeSettings,
  force = false,
): Promise<Config> {
  const { listenHost, publicHost, portOffset } = settings;
  const port = (base: number): number => base + portOffset;
  const nodeRpcUrl = settings.nodeRpcUrl ?? `http://127.0.0.1:${port(4230)}`;
  const value = {
    l2: {
      rpc_urls: settings.rpcUrls,
      chain_id: deployment.chainId,
      deploy_block: deployment.deployBlock,
      ...(settings.l2PollMs !== undefined && { poll_ms: settings.l2PollMs }),
      ...(settings.posterStepSeconds !== undefined && { poster_step_seconds: settings.posterStepSeconds }),
      contracts: deployment.contracts,
    },
    pool: {
      listen: [`/ip4/${listenHost}/tcp/${port(4200)}`],
      announce: [`${multiaddrHost(publicHost)}/tcp/${settings.publicPoolPort ?? port(4200)}`],
    },
    handshake: {
      host: listenHost,
      port: port(4220),
      url: `http://${urlHost(publicHost)}:${port(4220)}`,
      ...(settings.maxRuns !== undefined && { max_runs: settings.maxRuns }),
    },
    rpc: { port: port(4230) },
    metrics: { port: port(4290) },
    ...(settings.doppelgangerSeconds !== undefined && {
      consensus: { doppelganger_seconds: settings.doppelgangerSeconds },
    }),
    client: { node_rpc_url: nodeRpcUrl },
    indexer: { node_rpc_url: nodeRpcUrl, port: settings.indexerPort ?? 4000 },
  };
  return writeConfig(home, value, force);
}

function multiaddrHost(host: string): string {
  if (/^\d+(\.\d+){3}$/.test(host)) return `/ip4/${host}`;
  return host.includes(":") ? `/ip6/${host}` : `/dns/${host}`;
}

function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
