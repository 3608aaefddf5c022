import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session } from "#node/delivery/sessions.ts";
import { SignedReserve } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import type { Credit, ReservationResponse } from "#protocol/types/edge-http.ts";
import { hexField } from "../fields.ts";
import { sendJson } from "../http.ts";
import { type EdgeContext, readInSession } from "./context.ts";

/** POST /v1/reservations. Answers once the chain has locked the amount. Rule D10. */
export async function postReservations(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { body, session } = await readInSession(edge, request, "ERR_NETWORK");
  await edge.delivery.lock(session, decode(SignedReserve, hexField(body, "reserve")));
  const answer: ReservationResponse = { credit: creditOf(edge, session) };
  sendJson(response, 200, answer);
}

/** As answers carry it. */
export function creditOf(edge: EdgeContext, session: Session): Credit {
  const { epoch, window, reserved, spare } = edge.delivery.credit(session);
  return { epoch, window, reserved: reserved.toString(), spare: spare.toString() };
}
