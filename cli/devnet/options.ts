import { tmpdir } from "node:os";
import { join } from "node:path";

/** What `flk devnet` was asked for; times in seconds. */
export interface DevnetOptions {
  nodes: number;
  committee: number;
  clients: number;
  epochSeconds: number;
  /** epochs, active on the L2 and claimed, after which it ends with a summary; undefined: runs until it is stopped */
  epochs: number | undefined;
  killOne: boolean;
  /** the last node spoils a fifth of what it serves */
  badNode: boolean;
  json: boolean;
  /** folders whose files are served */
  content: string[];
  /** kept data; undefined: a temporary folder that is removed at the end */
  dir: string | undefined;
  l2Port: number;
  indexerPort: number;
  /** added to the ports of every node */
  portOffset: number;
  /** added to the pool port that a node announces: something in front of each node passes connections on */
  announceOffset: number;
  host: string;
}

export const DEVNET_DEFAULTS = {
  nodes: 6,
  committee: 4,
  clients: 3,
  epochSeconds: 30,
  l2Port: 8545,
  indexerPort: 4000,
  portOffset: 0,
  announceOffset: 0,
} as const;

/** Below that, the old committee stays (DESIGN §6). */
export const MIN_COMMITTEE = 4;
export const MAX_LOCAL_NODES = 12;

/** The chain id that anvil runs with. */
export const DEVNET_CHAIN_ID = 31_337;
/** The keystores of a local network hold play money; their password keeps the same code path as real ones. */
export const DEVNET_PASSWORD = "flk-devnet";

export const TEMP_PREFIX: string = join(tmpdir(), "flk-devnet-");
