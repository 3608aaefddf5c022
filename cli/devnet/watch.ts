import type { Status } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";
import { pause } from "./wait.ts";
import type { LocalNode } from "./world.ts";

export interface EpochInfo {
  epoch: number;
  height: number;
  /** Unix ms */
  epoch_end: number;
  committee: number[];
}

const EVERY_MS = 1_000;

/** Asks every node where it is, for the display; a node that is down is shown as such. */
export async function watchNodes(
  nodes: LocalNode[],
  supervisor: Supervisor,
  status: Status,
  signal: AbortSignal,
): Promise<void> {
  status.nodes = nodes.map(({ name }) => ({
    name,
    state: supervisor.state(name),
    member: false,
    height: -1,
  }));
  while (!signal.aborted) {
    await Promise.all(
      nodes.map(async (node, i) => {
        const shown = status.nodes[i];
        if (!shown) return;
        shown.state = supervisor.state(node.name);
        const info = shown.state === "up" ? await epochInfo(node) : undefined;
        if (!info) return;
        shown.height = info.height;
        shown.member = info.committee.includes(node.nodeId);
        if (info.height < status.height) return;
        status.height = info.height;
        status.epoch = info.epoch;
        status.epochEnd = info.epoch_end;
      }),
    );
    await pause(EVERY_MS, signal);
  }
}

async function epochInfo(node: LocalNode): Promise<EpochInfo | undefined> {
  try {
    return (await node.persona.node.request("flk_get_epoch_info", [])) as EpochInfo;
  } catch {
    // a node that restarts, or waits for the start, has no epoch yet: the display says so by its height
    return undefined;
  }
}
