import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session } from "#node/delivery/sessions.ts";
import type { ClaimedDelivery } from "#node/delivery/types.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { SignedAck } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { type AckResponse, type ErrorBody, MAX_ACK_DELIVERIES } from "#protocol/types/edge-http.ts";
import { toHex } from "#protocol/types/hex.ts";
import { edgeError } from "../errors.ts";
import { asObject, hexField, type JsonObject, u64Field, uintField } from "../fields.ts";
import { errorBody, sendJson, statusOf } from "../http.ts";
import { type EdgeContext, readInSession } from "./context.ts";
import { creditOf } from "./reservations.ts";

function readDeliveries(body: JsonObject): ClaimedDelivery[] {
  const list = body.deliveries;
  if (!Array.isArray(list) || list.length > MAX_ACK_DELIVERIES) {
    throw edgeError("ERR_REQUEST", `deliveries is not a list of at most ${MAX_ACK_DELIVERIES}`, {
      field: "deliveries",
    });
  }
  return list.map((item: unknown) => {
    const entry = asObject(item, "an entry of deliveries");
    return {
      transfer: uintField(entry, "transfer", 2 ** 32 - 1),
      contentHash: hexField(entry, "hash", 32),
      offset: u64Field(entry, "offset"),
      units: u64Field(entry, "units"),
    };
  });
}

/** POST /v1/acks. Answers only once the acknowledgement is on disk. Rules D4, D5. */
export async function postAcks(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { body, session } = await readInSession(edge, request, "ERR_ACK_NETWORK");
  const signed = decode(SignedAck, hexField(body, "ack"));
  const deliveries = readDeliveries(body);
  try {
    await edge.delivery.acknowledge(session, signed, deliveries);
  } catch (error) {
    sendJson(response, statusOf(errorCode(error)), refusal(edge, session, signed, error));
    return;
  }
  const { count, units } = signed.ack;
  const credit = creditOf(edge, session);
  const answer: AckResponse = { epoch: credit.epoch, count, units: units.toString(), credit };
  sendJson(response, 200, answer);
}

/** With the newest that this node holds, so that a client that lost its state finds back. */
function refusal(edge: EdgeContext, session: Session, signed: SignedAck, error: unknown): ErrorBody {
  const newest = edge.delivery.newest(session.request).find((held) => held.ack.epoch === signed.ack.epoch);
  return {
    ...errorBody(error),
    epoch: edge.chain.head().epoch,
    ...(newest && { newest: toHex(SignedAck.serialize(newest)) }),
  };
}
