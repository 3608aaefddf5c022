import type { Usage } from "../support/usage.ts";

/** What a node is told on its command line, as JSON. */
export interface NodeSetup {
  nodeId: number;
  nodes: number;
  clients: number;
  dir: string;
  /** Unix ms */
  startTime: number;
}

export type ToNode =
  /** multiaddrs of all, from node 1 on */
  | { type: "start"; endpoints: string[] }
  | { type: "submit"; transactions: Uint8Array[] }
  /** whether all clients' session keys are authorised in its state */
  | { type: "authorized" }
  | { type: "usage" }
  | { type: "report" };

/** Lanes that one block paid. `lanes[i]` is client · 64 + lane number, `counts[i]` the deliveries it has by then. */
export interface PaidBlock {
  height: number;
  lanes: Uint32Array;
  counts: Uint32Array;
}

export type FromNode =
  | { type: "listening"; endpoint: string }
  /** `content` 32 bytes: what it serves */
  | { type: "ready"; url: string; content: Uint8Array }
  | { type: "submitted" }
  | { type: "authorized"; all: boolean }
  | { type: "usage"; usage: Usage }
  /** `at[i]`: ms (as `now`) at which it had block `heights[i]` with its certificate on disk; `paid` of the first node only */
  | { type: "report"; heights: number[]; at: number[]; paid: PaidBlock[] };

/** What a process of clients is told on its command line, as JSON. */
export interface ClientsSetup {
  /** numbers of its clients: from, to (not included) */
  from: number;
  to: number;
  lanes: number;
  /** requests that run at once */
  inFlight: number;
  /** bytes of a delivery */
  bytes: number;
}

export interface EdgeAddress {
  nodeId: number;
  url: string;
  content: Uint8Array;
}

export type ToClients =
  | { type: "open"; edges: EdgeAddress[] }
  | { type: "load"; on: boolean }
  | { type: "usage" }
  | { type: "report" };

export type FromClients =
  | { type: "up" }
  | { type: "opened" }
  | { type: "stopped" }
  | { type: "usage"; usage: Usage }
  /** acknowledgements that were confirmed, in order: lane as in `PaidBlock`, its count, and when it was signed (ms, as `now`) */
  | {
      type: "report";
      lanes: Uint32Array;
      counts: Uint32Array;
      signedAt: Float64Array;
      refused: Record<string, number>;
    };
