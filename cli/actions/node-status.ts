import { getNodeStatus, type NodeStanding, type NodeStatus } from "#client/actions/get-node-status.ts";
import type { NodeOptions } from "../cmds/options.ts";
import { createOutput } from "../io/output.ts";
import { observe } from "./node.ts";

/** How the node stands, by the node of `client.node_rpc_url`. @throws ERR_NOT_REGISTERED, ERR_NODE_UNKNOWN, ERR_RPC_UNREACHABLE */
export async function showNodeStatus(options: NodeOptions): Promise<void> {
  const { reader, nodeId } = await observe(options);
  const status = await getNodeStatus(reader.node, { nodeId });
  createOutput(options).data(status, statusLines(status));
}

export function statusLines(status: NodeStatus): string[] {
  const { nodeId, epoch, now, floors, above, expected, inNextDraw, inDrawAfter } = status;
  const draws = [
    `${inNextDraw ? "in" : "not in"} the draw for epoch ${epoch + 1}`,
    `${inDrawAfter ? "in" : "not in"} the one for epoch ${epoch + 2} if this epoch ends as expected`,
  ];
  const warning = warningOf(status);
  return [
    `node        ${nodeId}, epoch ${epoch}`,
    `score       ${now.score} of 100${floorText(floors.reputation, above.reputation, String)}`,
    `uptime      ${percent(now.uptime)}${floorText(floors.uptime, above.uptime, percent)}`,
    `made of     ${madeOf(now)}`,
    `reported    by ${now.reporters} nodes in the last epoch; its own reports are believed to ${percent(now.credibility)}`,
    `expected    ${expected.score} at the end of the epoch, by ${expected.reports} reports so far: ${madeOf(expected)}`,
    `draws       ${draws.join(", ")}`,
    ...(warning ? [`warning     ${warning}`] : []),
  ];
}

function warningOf({ now, expected, epoch }: NodeStatus): string | undefined {
  if (now.place === "out") return "a floor keeps it out of the draws";
  if (expected.place === "out")
    return `a floor will keep it out of the draws for epoch ${epoch + 2} and later ones`;
  if (now.place === "below") return "below a floor: it is out as soon as no others are worse";
  if (expected.place === "below") return "falls below a floor: it is out as soon as no others are worse";
  if (now.place === "near" || expected.place === "near") return "near a floor";
  return undefined;
}

function floorText(floor: number, above: number, show: (value: number) => string): string {
  if (floor === 0) return ", without a floor";
  return `, ${show(Math.abs(above))} ${above < 0 ? "below" : "above"} the floor of ${show(floor)}`;
}

function madeOf({ success, uptime, trust, latency, throughput }: NodeStanding): string {
  const parts = { success, uptime, trust, latency, throughput };
  return Object.entries(parts)
    .map(([name, value]) => `${name} ${percent(value)}`)
    .join(", ");
}

function percent(value: number): string {
  return `${(value / 100).toFixed(1)} %`;
}
