import type { Ed25519Signer } from "#crypto";
import { EMPTY_LOG, extendLog, signAck } from "#protocol/digests/ack.ts";
import { COMMODITY, SERVICE_CDN, SignedAck } from "#protocol/types/ack.ts";
import { SESSION_HEADER, TRANSFER_HEADER } from "#protocol/types/edge-http.ts";
import { toHex } from "#protocol/types/hex.ts";
import { CONTEXT } from "../support/network.ts";
import { now } from "../support/usage.ts";
import { send } from "./http.ts";
import type { EdgeAddress } from "./messages.ts";

const NETWORK = toHex(CONTEXT.networkId);

export interface LaneOptions {
  /** as the bench numbers it */
  id: number;
  /** lane number of the client */
  lane: number;
  account: Uint8Array;
  session: Ed25519Signer;
  edge: EdgeAddress;
  /** of the session at the edge, 0x hex */
  sessionId: string;
  /** of a delivery */
  bytes: number;
}

/** One lane of a client: fetches some bytes, signs for all so far, and again. */
export class BenchLane {
  readonly id: number;
  readonly #o: LaneOptions;
  count = 0;
  #units = 0n;
  #log: Uint8Array = EMPTY_LOG;

  constructor(options: LaneOptions) {
    this.id = options.id;
    this.#o = options;
  }

  /** One delivery and its acknowledgement: when it was signed (ms, as `now`), or the code of the refusal. */
  async deliver(): Promise<number | string> {
    const { edge, bytes, sessionId } = this.#o;
    const headers = { [SESSION_HEADER]: sessionId, range: `bytes=0-${bytes - 1}` };
    const got = await send("GET", `${edge.url}/v1/blake3/${toHex(edge.content).slice(2)}`, headers);
    if (got.status !== 206) return codeOf(got.body);
    const transfer = Number(got.headers[TRANSFER_HEADER]);
    const units = BigInt(got.body.length);
    const entry = { contentHash: edge.content, offset: 0n, units };
    const log = extendLog(this.#log, entry);
    const signedAt = now();
    const ack = toHex(SignedAck.serialize(this.#sign(log, this.#units + units)));
    const delivery = { transfer, hash: toHex(edge.content), offset: "0", units: units.toString() };
    const body = JSON.stringify({ network: NETWORK, session: sessionId, ack, deliveries: [delivery] });
    const said = await send("POST", `${edge.url}/v1/acks`, { "content-type": "application/json" }, body);
    if (said.status !== 200) return codeOf(said.body);
    this.count++;
    this.#units += units;
    this.#log = log;
    return signedAt;
  }

  #sign(log: Uint8Array, units: bigint): SignedAck {
    const { account, session, lane, edge } = this.#o;
    const ack = {
      ...{ epoch: 0, account, session: session.publicKey, lane, node: edge.nodeId, service: SERVICE_CDN },
      ...{ commodity: COMMODITY.bandwidth, count: this.count + 1, units, log },
    };
    return signAck(CONTEXT.networkId, ack, session);
  }
}

function codeOf(body: Buffer): string {
  const { code } = JSON.parse(body.toString("utf8")) as { code?: string };
  return code ?? "ERR_BENCH_HTTP";
}
