import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FlkError } from "#protocol/errors/error.ts";
import { type Answer, answer, ask, ended, startProcess, tell } from "../support/processes.ts";
import type { Usage } from "../support/usage.ts";
import type {
  ClientsSetup,
  EdgeAddress,
  FromClients,
  FromNode,
  NodeSetup,
  ToClients,
  ToNode,
} from "./messages.ts";
import type { AcksBenchOptions } from "./options.ts";
import { authorization } from "./people.ts";

const NODE = join(import.meta.dirname, "node.ts");
const CLIENTS = join(import.meta.dirname, "clients.ts");
const TIMEOUT_MS = 120_000;
const AUTHORIZED_MS = 120_000;
const SUBMIT_AT_ONCE = 50;
/** Processes of clients: one would be busier than any node. */
const CLIENT_PROCESSES = 2;

/** Nodes and clients as processes of this machine. */
export class AcksNetwork {
  readonly #dir: string;
  readonly #nodes: ChildProcess[] = [];
  readonly #clients: ChildProcess[] = [];

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** All sessions are open when it resolves. @throws ERR_BENCH_MEMBER */
  static async start(options: AcksBenchOptions): Promise<AcksNetwork> {
    const network = new AcksNetwork(await mkdtemp(join(tmpdir(), "flk-bench-")));
    try {
      const edges = await network.#startNodes(options);
      await network.#authorize(options.clients);
      await network.#startClients(options, edges);
      return network;
    } catch (error) {
      await network.stop();
      throw error;
    }
  }

  /** `on`: begins to deliver; off resolves when nothing is under way any more. */
  async load(on: boolean): Promise<void> {
    const stopped = this.#clients.map((child) =>
      on ? undefined : answer<FromClients, "stopped">(child, "stopped", TIMEOUT_MS),
    );
    for (const child of this.#clients) tell<ToClients>(child, { type: "load", on });
    await Promise.all(stopped);
  }

  /** Of the nodes, then of the clients. */
  async usage(): Promise<{ nodes: Usage[]; clients: Usage[] }> {
    const [nodes, clients] = await Promise.all([
      this.#askNodes({ type: "usage" }, "usage"),
      this.#askClients({ type: "usage" }, "usage"),
    ]);
    return { nodes: nodes.map(({ usage }) => usage), clients: clients.map(({ usage }) => usage) };
  }

  async reports(): Promise<{
    nodes: Answer<FromNode, "report">[];
    clients: Answer<FromClients, "report">[];
  }> {
    const [nodes, clients] = await Promise.all([
      this.#askNodes({ type: "report" }, "report"),
      this.#askClients({ type: "report" }, "report"),
    ]);
    return { nodes, clients };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients, ...this.#nodes].map((child) => ended(child)));
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #startNodes({ nodes, clients, firstArguments }: AcksBenchOptions): Promise<EdgeAddress[]> {
    const startTime = Date.now();
    for (let nodeId = 1; nodeId <= nodes; nodeId++) {
      const dir = join(this.#dir, String(nodeId));
      const setup: NodeSetup = { nodeId, nodes, clients, dir, startTime };
      this.#nodes.push(startProcess(NODE, setup, nodeId === 1 ? firstArguments : []));
    }
    const listening = await Promise.all(
      this.#nodes.map((child) => answer<FromNode, "listening">(child, "listening", TIMEOUT_MS)),
    );
    const endpoints = listening.map(({ endpoint }) => endpoint);
    const ready = await this.#askNodes({ type: "start", endpoints }, "ready");
    return ready.map(({ url, content }, at) => ({ nodeId: at + 1, url, content }));
  }

  /** By the nodes in turn, and then until every node has executed them. */
  async #authorize(clients: number): Promise<void> {
    const children = this.#nodes;
    await Promise.all(
      children.map(async (child, at) => {
        for (let first = at; first < clients; first += SUBMIT_AT_ONCE * children.length) {
          const transactions: Uint8Array[] = [];
          for (let n = first; n < clients && transactions.length < SUBMIT_AT_ONCE; n += children.length) {
            transactions.push(authorization(n));
          }
          const question = { type: "submit", transactions } as const;
          await ask<ToNode, FromNode, "submitted">(child, question, "submitted", TIMEOUT_MS);
        }
      }),
    );
    const until = performance.now() + AUTHORIZED_MS;
    for (;;) {
      const answers = await this.#askNodes({ type: "authorized" }, "authorized");
      if (answers.every(({ all }) => all)) return;
      if (performance.now() > until)
        throw new FlkError("ERR_BENCH_MEMBER", "sessions are not authorised in time");
      await sleep(500);
    }
  }

  async #startClients(options: AcksBenchOptions, edges: EdgeAddress[]): Promise<void> {
    const { clients, lanes, bytes } = options;
    const size = Math.ceil(clients / CLIENT_PROCESSES);
    for (let from = 0; from < clients; from += size) {
      const inFlight = Math.ceil(options.inFlight / CLIENT_PROCESSES);
      const setup: ClientsSetup = { from, to: Math.min(clients, from + size), lanes, inFlight, bytes };
      this.#clients.push(startProcess(CLIENTS, setup, []));
    }
    await Promise.all(this.#clients.map((child) => answer<FromClients, "up">(child, "up", TIMEOUT_MS)));
    await this.#askClients({ type: "open", edges }, "opened");
  }

  #askNodes<Type extends FromNode["type"]>(question: ToNode, type: Type): Promise<Answer<FromNode, Type>[]> {
    return Promise.all(
      this.#nodes.map((child) => ask<ToNode, FromNode, Type>(child, question, type, TIMEOUT_MS)),
    );
  }

  #askClients<Type extends FromClients["type"]>(
    question: ToClients,
    type: Type,
  ): Promise<Answer<FromClients, Type>[]> {
    return Promise.all(
      this.#clients.map((child) => ask<ToClients, FromClients, Type>(child, question, type, TIMEOUT_MS)),
    );
  }
}
