import type { IncomingMessage, ServerResponse } from "node:http";
import { deliveryError } from "#node/delivery/errors.ts";
import { assertAuthorised } from "#node/delivery/funds.ts";
import { originHash, verifyDelegationSignature } from "#protocol/digests/ack.ts";
import { SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import { decode, equalBytes } from "#protocol/types/codec.ts";
import {
  SESSION_HEADER,
  type SessionChallenge,
  type SessionOpened,
  type SessionStatus,
} from "#protocol/types/edge-http.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { edgeError } from "../errors.ts";
import { asObject, hexField, type JsonObject, uintField } from "../fields.ts";
import type { Hello } from "../handshake.ts";
import { readJson, sendJson } from "../http.ts";
import { assertNetwork, type EdgeContext, toEntry } from "./context.ts";
import { creditOf } from "./reservations.ts";

const U32 = 2 ** 32 - 1;
const U8 = 255;

function readHello(body: JsonObject): Hello {
  return {
    account: hexField(body, "account", 20),
    key: hexField(body, "session", 32),
    service: uintField(body, "service", U32),
    commodity: uintField(body, "commodity", U8),
    lane: uintField(body, "lane", U32),
    clientChallenge: hexField(body, "challenge", 32),
    ...(body.delegation !== undefined && {
      delegation: decode(SignedDelegation, hexField(body, "delegation")),
    }),
  };
}

/**
 * What a delegation says is this key's, and for the web origin that it names and no other client. Rule D11.
 * @throws ERR_DELEGATION, ERR_DELEGATION_ORIGIN
 */
function assertDelegationFits(hello: Hello, origin: string | undefined): void {
  const { delegation: signed, account, key } = hello;
  if (!signed) return;
  const { delegation } = signed;
  if (!equalBytes(delegation.account, account) || !equalBytes(delegation.subkey, key)) {
    throw deliveryError("ERR_DELEGATION", "delegates another account's money, or to another key");
  }
  const bound = delegation.origin.some((byte) => byte !== 0);
  if (bound && (origin === undefined || !equalBytes(originHash(origin), delegation.origin))) {
    throw deliveryError(
      "ERR_DELEGATION_ORIGIN",
      `not delegated to ${origin ?? "a client without an origin"}`,
    );
  }
}

/**
 * What costs little comes first, so that a stranger cannot make the node check signatures. Rule D1.
 * @throws ERR_DELEGATION, ERR_DELEGATION_ORIGIN, ERR_CHALLENGE, the codes of assertAuthorised, ERR_HANDSHAKE_SIGNATURE
 */
function assertProven(edge: EdgeContext, hello: Hello, body: JsonObject, origin: string | undefined): void {
  const nodeChallenge = hexField(body, "nodeChallenge", 32);
  const signature = hexField(body, "signature", 64);
  assertDelegationFits(hello, origin);
  edge.handshakes.assertFresh(hello, nodeChallenge);
  assertAuthorised(edge.chain, hello);
  edge.handshakes.verify(hello, nodeChallenge, signature);
  const signed = hello.delegation;
  if (signed && !verifyDelegationSignature(edge.network.networkId, signed)) {
    throw deliveryError("ERR_DELEGATION", "not signed by the session key for this network");
  }
}

/** POST /v1/sessions: without `signature` it asks for the node's challenge, with it the session is opened. Rule D1. */
export async function postSessions(
  edge: EdgeContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = asObject(await readJson(request), "the body");
  assertNetwork(edge, body, "ERR_NETWORK");
  const hello = readHello(body);
  if (body.signature === undefined) {
    const { challenge, signature } = edge.handshakes.challenge(hello);
    const answer: SessionChallenge = {
      node: edge.self,
      challenge: toHex(challenge),
      signature: toHex(signature),
    };
    sendJson(response, 200, answer);
    return;
  }
  assertProven(edge, hello, body, request.headers.origin);
  const { clientChallenge: _, ...lane } = hello;
  const session = await edge.delivery.open(lane);
  const opened: SessionOpened = {
    id: toHex(session.id),
    node: edge.self,
    epoch: edge.chain.head().epoch,
    credit: creditOf(edge, session),
    idleMs: edge.delivery.idleMs,
    newest: edge.delivery.newest(lane).map((signed) => toHex(SignedAck.serialize(signed))),
    unacknowledged: session.credit.unacknowledged(lane).map(toEntry),
  };
  sendJson(response, 201, opened);
}

/** The session that the header names. @throws ERR_SESSION_REQUIRED, ERR_SESSION_UNKNOWN */
export function sessionOf(
  edge: EdgeContext,
  request: IncomingMessage,
): ReturnType<EdgeContext["delivery"]["session"]> {
  const header = request.headers[SESSION_HEADER];
  if (typeof header !== "string") {
    throw edgeError(
      "ERR_SESSION_REQUIRED",
      `open a session with POST /v1/sessions and name it in ${SESSION_HEADER}`,
    );
  }
  return edge.delivery.session(fromHex(header, 32));
}

/** As `sessionOf`, for units of `commodity`: a lane counts those of one. @throws its codes, ERR_COMMODITY */
export function sessionFor(
  edge: EdgeContext,
  request: IncomingMessage,
  commodity: number,
): ReturnType<typeof sessionOf> {
  const session = sessionOf(edge, request);
  if (session.request.commodity === commodity) return session;
  throw deliveryError("ERR_COMMODITY", `the session is for commodity ${session.request.commodity}`);
}

/** GET /v1/session: what is unacknowledged, and why the last transfer ended early. */
export function getSession(edge: EdgeContext, request: IncomingMessage, response: ServerResponse): void {
  const session = sessionOf(edge, request);
  const status: SessionStatus = {
    epoch: edge.chain.head().epoch,
    unacknowledged: session.credit.unacknowledged(session.request).map(toEntry),
    ended: session.ended ?? null,
  };
  sendJson(response, 200, status);
}
