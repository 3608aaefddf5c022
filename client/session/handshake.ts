import { type Ed25519Signer, ed25519Verify, secureRandom } from "#crypto";
import { clientHandshakeDigest, nodeHandshakeDigest } from "#protocol/digests/handshake.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import type { Handshake } from "#protocol/types/delivery.ts";
import type {
  Credit,
  DeliveryEntry,
  SessionHello,
  SessionOpened,
  SessionProof,
} from "#protocol/types/edge-http.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import { amount, bytes, hex, integer, list, object, signedAmount } from "../rpc/json.ts";
import { postJson } from "./node-http.ts";

export interface HandshakeOptions {
  fetch: typeof fetch;
  network: NetworkContext;
  /** of the node's edge */
  url: string;
  node: { nodeId: number; networkKey: Uint8Array };
  account: Hex;
  session: Ed25519Signer;
  service: number;
  commodity: number;
  lane: number;
  delegation?: Hex;
  signal?: AbortSignal;
}

/** Proves the session key to the node and the node's identity to us (rule D1). @throws ERR_NODE_IDENTITY, the node's codes */
export async function handshake(options: HandshakeOptions): Promise<SessionOpened> {
  const { fetch, network, node, session } = options;
  const clientChallenge = secureRandom(32);
  const hello: SessionHello = {
    network: toHex(network.networkId),
    account: options.account,
    session: toHex(session.publicKey),
    service: options.service,
    commodity: options.commodity,
    lane: options.lane,
    ...(options.delegation !== undefined && { delegation: options.delegation }),
    challenge: toHex(clientChallenge),
  };
  const url = `${options.url}/v1/sessions`;
  const within = options.signal ? { signal: options.signal } : {};
  const answer = object(await postJson(fetch, url, hello, within), "challenge");
  const nodeChallenge = bytes(answer.challenge, "challenge", 32);
  const transcript: Handshake = {
    account: bytes(options.account, "account", 20),
    session: session.publicKey,
    node: node.nodeId,
    service: options.service,
    commodity: options.commodity,
    lane: options.lane,
    clientChallenge,
    nodeChallenge,
  };
  const identity = bytes(answer.signature, "signature", 64);
  if (!ed25519Verify(node.networkKey, nodeHandshakeDigest(network.networkId, transcript), identity)) {
    throw clientError("ERR_NODE_IDENTITY", `${options.url} is not node ${node.nodeId}`, {
      node: node.nodeId,
    });
  }
  const proof: SessionProof = {
    ...hello,
    nodeChallenge: toHex(nodeChallenge),
    signature: toHex(session.sign(clientHandshakeDigest(network.networkId, transcript))),
  };
  return readOpened(await postJson(fetch, url, proof, within));
}

function readOpened(value: unknown): SessionOpened {
  const body = object(value, "session");
  return {
    id: hex(body.id, "id", 32),
    node: integer(body.node, "node"),
    epoch: integer(body.epoch, "epoch"),
    credit: readCredit(body.credit),
    idleMs: integer(body.idleMs, "idleMs"),
    newest: list(body.newest, "newest").map((ack) => hex(ack, "newest")),
    unacknowledged: readEntries(body.unacknowledged),
  };
}

export function readCredit(value: unknown): Credit {
  const credit = object(value, "credit");
  return {
    epoch: integer(credit.epoch, "epoch"),
    window: integer(credit.window, "window"),
    reserved: amount(credit.reserved, "reserved").toString(),
    spare: signedAmount(credit.spare, "spare").toString(),
  };
}

export function readEntries(value: unknown): DeliveryEntry[] {
  return list(value, "unacknowledged").map((item) => {
    const entry = object(item, "entry");
    return {
      transfer: integer(entry.transfer, "transfer"),
      hash: hex(entry.hash, "hash", 32),
      offset: amount(entry.offset, "offset").toString(),
      units: amount(entry.units, "units").toString(),
    };
  });
}
