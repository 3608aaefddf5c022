import type { InitOptions } from "../cmds/node.ts";
import { configureHome, readDeployment } from "../config/deployment.ts";
import { resolveHome } from "../config/home.ts";
import { createOutput } from "../io/output.ts";

export async function initHome(options: InitOptions): Promise<void> {
  const home = resolveHome(options.home);
  const deployment = await readDeployment(options.deployment);
  const settings = {
    rpcUrls: options.rpcUrl,
    publicHost: options.publicHost,
    listenHost: options.listenHost,
    portOffset: options.portOffset,
    publicPoolPort: options.publicPoolPort,
    nodeRpcUrl: options.nodeRpcUrl,
  };
  await configureHome(home, deployment, settings, options.force);
  createOutput(options).data({ config: home.config }, [`wrote ${home.config}`]);
}
