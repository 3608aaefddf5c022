import type { Participation } from "#protocol/types/transactions.ts";
import type { NodeRecord } from "../records.ts";
import type { State } from "../state.ts";
import { rejection } from "./rejection.ts";

/** From the next draw on the node may be drawn, once its snapshot says so (TRN-OPT). */
export function processOptIn(state: State, body: Participation): void {
  const node = assertValidChange(state, body, 1);
  state.nodeTable.put({ ...node, optedIn: 1 });
}

/** From the next draw on the node is not drawn; a seat it holds lasts until the epoch ends. */
export function processOptOut(state: State, body: Participation): void {
  const node = assertValidChange(state, body, 0);
  state.nodeTable.put({ ...node, optedIn: 0 });
}

/** @throws ERR_UNKNOWN_NODE, ERR_ALREADY_OPTED */
function assertValidChange(state: State, body: Participation, optedIn: 0 | 1): NodeRecord {
  const node = state.nodeTable.get(String(body.node));
  if (!node) throw rejection("ERR_UNKNOWN_NODE", `node ${body.node} is not registered`);
  if (node.optedIn === optedIn) throw rejection("ERR_ALREADY_OPTED", "nothing would change");
  return node;
}
