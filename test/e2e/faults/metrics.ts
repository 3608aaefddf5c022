import { nodePorts } from "#cli/devnet/ports.ts";
import type { LocalNode } from "#cli/devnet/world.ts";
import type { FaultNetwork } from "./network.ts";

/** The sum of the series of that name which have these labels. */
export type Sum = (name: string, labels?: Record<string, string>) => number;

/** A node's metrics, all of one moment. */
export async function metrics(network: FaultNetwork, node: LocalNode): Promise<Sum> {
  const { host, portOffset } = network.world.options;
  const { metrics: port } = nodePorts(node.index, portOffset);
  const answer = await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await answer.text()).split("\n");
  return (name, labels = {}) => {
    const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    return lines
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => wanted.every((label) => line.includes(label)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
  };
}
