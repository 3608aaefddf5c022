import { until } from "#cli/devnet/wait.ts";
import type { EpochInfo } from "#cli/devnet/watch.ts";
import type { FlkClient } from "#client/client.ts";

/** From the end of a fault on, every node has a new block within so long (ms). */
const RESUME_MS = 30_000;

/** A node as its JSON-RPC shows it. */
export interface Peer {
  name: string;
  /** on the L2 */
  nodeId: number;
  persona: { node: FlkClient };
}

/** A network that is looked at through the JSON-RPC of its nodes. */
export class Watched<Node extends Peer = Peer> {
  readonly nodes: readonly Node[];
  /** aborts when waiting makes no sense any more */
  readonly signal: AbortSignal;

  constructor(nodes: readonly Node[], signal: AbortSignal) {
    this.nodes = nodes;
    this.signal = signal;
  }

  /** The nodes whose processes run. */
  running(): readonly Node[] {
    return this.nodes;
  }

  epochInfo(node: Node): Promise<EpochInfo> {
    return node.persona.node.request("flk_get_epoch_info", []) as Promise<EpochInfo>;
  }

  /** The committee, as the first node that runs has it, once that answers: it may just be killed and started again. */
  async members(): Promise<Node[]> {
    const [first] = this.running();
    if (!first) throw new Error("no node runs");
    const told = `the committee, of ${first.name}`;
    const { committee } = await this.until(told, () => this.epochInfo(first), RESUME_MS);
    return this.nodes.filter(({ nodeId }) => committee.includes(nodeId));
  }

  /** The highest block of those that answer. */
  async height(nodes: readonly Node[] = this.running()): Promise<number> {
    const asked = nodes.map((node) => this.epochInfo(node).catch(() => undefined));
    return Math.max(-1, ...(await Promise.all(asked)).map((info) => info?.height ?? -1));
  }

  until<T>(what: string, check: () => Promise<T | undefined>, timeoutMs: number): Promise<T> {
    return until(what, check, { signal: this.signal, timeoutMs });
  }

  /** Waits until each of these has a block that none had before, and says after how many ms. @throws ERR_DEVNET_TIMEOUT */
  async progress(
    nodes: readonly Node[] = this.running(),
    { blocks = 1, withinMs = RESUME_MS } = {},
  ): Promise<number> {
    const since = Date.now();
    const wanted = (await this.height(nodes)) + blocks;
    const heights = new Map<string, number>();
    const check = async (): Promise<true | undefined> => {
      for (const node of nodes) heights.set(node.name, (await this.epochInfo(node)).height);
      return Math.min(...heights.values()) >= wanted ? true : undefined;
    };
    try {
      await this.until(`block ${wanted} on ${nodes.map(({ name }) => name)}`, check, withinMs);
    } catch (error) {
      const at = [...heights].map(([name, height]) => `${name} ${height}`).join(", ");
      throw new Error(`no progress: ${at}`, { cause: error });
    }
    return Date.now() - since;
  }
}
