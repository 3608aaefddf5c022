import { join } from "node:path";
import type { ImportedFile } from "#node/edge/content-types.ts";
import type { Persona } from "../actions/persona.ts";
import type { Deployment } from "../config/deployment.ts";
import { type Home, resolveHome } from "../config/home.ts";
import type { Display } from "./display.ts";
import type { DevnetOptions } from "./options.ts";
import { nodePorts } from "./ports.ts";
import type { Status } from "./status.ts";
import type { Supervisor } from "./supervisor.ts";

/** One local network while it runs. */
export interface World {
  options: DevnetOptions;
  /** holds the homes and logs of everybody */
  root: string;
  rpcUrl: string;
  graphqlUrl: string;
  status: Status;
  display: Display;
  supervisor: Supervisor;
  /** aborts with the reason when the network must end */
  signal: AbortSignal;
}

/** Someone with a folder of their own below the root. */
export interface Member {
  name: string;
  home: Home;
}

export interface LocalNode extends Member {
  index: number;
  /** on the L2 */
  nodeId: number;
  rpcUrl: string;
  edgeUrl: string;
  persona: Persona;
}

export interface LocalClient extends Member {
  persona: Persona;
}

/** Someone who fetches, and has a module run. */
export interface Visitor extends LocalClient {
  /** micro-USD that it pays in */
  topUp: bigint;
  service: number;
  /** every so manieth of its turns is a run: 1 for who never fetches, infinity for who never runs anything */
  runEvery: number;
  /** micro-USD locked for a node ahead of need */
  maxReserve: bigint;
  /** has the module run at all nodes at once, for longer than it has money for, and nothing else */
  hasty: boolean;
}

/** What is asked for. */
export interface Content {
  files: ImportedFile[];
  module: ImportedFile;
}

/** Everyone who takes part, once the contracts are there. */
export interface Cast {
  deployment: Deployment;
  nodes: LocalNode[];
  clients: Visitor[];
  /** claims for everybody */
  keeper: LocalClient;
  /** buys the buyback with FLK */
  bidder: LocalClient;
}

export function logFile(world: World, name: string): string {
  return join(world.root, "logs", `${name}.log`);
}

export function memberOf(world: World, name: string): Member {
  return { name, home: resolveHome(join(world.root, name)) };
}

export function nodeUrls(world: World, index: number): { rpcUrl: string; edgeUrl: string } {
  const ports = nodePorts(index, world.options.portOffset);
  const { host } = world.options;
  return { rpcUrl: `http://${host}:${ports.rpc}`, edgeUrl: `http://${host}:${ports.handshake}` };
}
