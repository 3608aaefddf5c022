import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { integer, type JsonObject, object, signedInteger, wrong } from "../rpc/json.ts";

/** `below` a floor while others that are worse are out; `near`: within the margin above one. */
export type StandingPlace = "good" | "near" | "below" | "out";
const PLACES: readonly StandingPlace[] = ["good", "near", "below", "out"];

/** Of 10 000, but the score, 0–100. */
export interface NodeStanding {
  score: number;
  place: StandingPlace;
  latency: number;
  uptime: number;
  throughput: number;
  success: number;
  trust: number;
  credibility: number;
  /** nodes that reported on it */
  reporters: number;
}

export interface NodeStatus {
  nodeId: number;
  epoch: number;
  now: NodeStanding;
  /** 0: there is none */
  floors: { reputation: number; uptime: number };
  /** above its floor; negative below it */
  above: { reputation: number; uptime: number };
  /** of the end of this epoch, by the reports so far */
  expected: NodeStanding & { reports: number };
  /** may be drawn at the end of this epoch, and at the end of the next if this one ends as expected */
  inNextDraw: boolean;
  inDrawAfter: boolean;
}

/** How a node stands, and what comes next (REP-STATUS). @throws ERR_NODE_UNKNOWN */
export async function getNodeStatus(client: FlkClient, { nodeId }: { nodeId: number }): Promise<NodeStatus> {
  const result = await client.request("flk_get_node_status", [nodeId]);
  if (result === null)
    throw clientError("ERR_NODE_UNKNOWN", `no node ${nodeId} is registered`, { node: nodeId });
  const status = object(result, "status");
  const expected = object(status.expected, "expected");
  const above = object(status.above, "above");
  const floors = object(status.floors, "floors");
  return {
    nodeId: integer(status.node, "node"),
    epoch: integer(status.epoch, "epoch"),
    now: readStanding(object(status.now, "now")),
    floors: {
      reputation: integer(floors.reputation, "floors.reputation"),
      uptime: integer(floors.uptime, "floors.uptime"),
    },
    above: {
      reputation: signedInteger(above.reputation, "above.reputation"),
      uptime: signedInteger(above.uptime, "above.uptime"),
    },
    expected: { ...readStanding(expected), reports: integer(expected.reports, "reports") },
    inNextDraw: status.in_next_draw === true,
    inDrawAfter: status.in_draw_after === true,
  };
}

function readStanding(value: JsonObject): NodeStanding {
  const place = PLACES.find((known) => known === value.place) ?? wrong("place");
  return {
    score: integer(value.score, "score"),
    place,
    latency: integer(value.latency, "latency"),
    uptime: integer(value.uptime, "uptime"),
    throughput: integer(value.throughput, "throughput"),
    success: integer(value.success, "success"),
    trust: integer(value.trust, "trust"),
    credibility: integer(value.credibility, "credibility"),
    reporters: integer(value.reporters, "reporters"),
  };
}
