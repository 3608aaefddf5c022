import { createServer } from "node:net";
import { cliError } from "../errors.ts";
import type { DevnetOptions } from "./options.ts";

/** TCP ports of one local node (DESIGN §10: node i adds 100·i). */
export interface NodePorts {
  pool: number;
  handshake: number;
  rpc: number;
  metrics: number;
}

const BASE: NodePorts = { pool: 4200, handshake: 4220, rpc: 4230, metrics: 4290 };
const STEP = 100;

/** `index` counts from 0, so that the first node has the ports of a node alone on its machine. */
export function nodePorts(index: number, offset: number): NodePorts {
  const add = offset + STEP * index;
  return {
    pool: BASE.pool + add,
    handshake: BASE.handshake + add,
    rpc: BASE.rpc + add,
    metrics: BASE.metrics + add,
  };
}

interface Wanted {
  port: number;
  use: string;
  option: string;
}

function wantedPorts(options: DevnetOptions): Wanted[] {
  const wanted: Wanted[] = [
    { port: options.l2Port, use: "the local L2", option: "--l2-port" },
    { port: options.indexerPort, use: "the indexer", option: "--indexer-port" },
  ];
  for (let i = 0; i < options.nodes; i++) {
    for (const [use, port] of Object.entries(nodePorts(i, options.portOffset))) {
      wanted.push({ port, use: `${use} of node ${i + 1}`, option: "--port-offset" });
    }
  }
  return wanted;
}

/** @throws ERR_USAGE when two uses share a port, ERR_PORT_IN_USE naming port and option */
export async function assertPortsFree(options: DevnetOptions): Promise<void> {
  const seen = new Map<number, Wanted>();
  for (const wanted of wantedPorts(options)) {
    const other = seen.get(wanted.port);
    if (other) {
      const message = `port ${wanted.port} is wanted for ${other.use} and for ${wanted.use}; ${wanted.option} moves it`;
      throw cliError("ERR_USAGE", message, { port: wanted.port });
    }
    seen.set(wanted.port, wanted);
  }
  await Promise.all([...seen.values()].map((wanted) => assertFree(wanted, options.host)));
}

function assertFree(wanted: Wanted, host: string): Promise<void> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === "EADDRINUSE" ? "is in use" : `cannot be used (${cause.code ?? cause.message})`;
      const message = `port ${wanted.port} for ${wanted.use} ${why}; ${wanted.option} chooses another`;
      const data = { port: wanted.port, option: wanted.option };
      reject(cliError("ERR_PORT_IN_USE", message, data, cause));
    });
    server.listen({ port: wanted.port, host, exclusive: true }, () => server.close(() => resolve()));
  });
}
