import type { Ed25519Signer } from "#crypto";
import { isFlkError } from "#protocol/errors/error.ts";
import { COMMODITY } from "#protocol/types/ack.ts";
import {
  type AckRequest,
  type AckResponse,
  type Credit,
  type DeliveryEntry,
  MAX_MS_HEADER,
  type ReservationRequest,
  SESSION_HEADER,
  type SessionOpened,
  type SessionStatus,
  TRANSFER_HEADER,
} from "#protocol/types/edge-http.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { getPrice } from "../actions/get-prices.ts";
import type { FlkClient } from "../client.ts";
import { clientError } from "../errors.ts";
import { amount, integer, object } from "../rpc/json.ts";
import { Acknowledger, assertNotAborted } from "./acknowledger.ts";
import { chainFunds } from "./chain-funds.ts";
import { handshake, readCredit, readEntries } from "./handshake.ts";
import type { LaneStore } from "./lane-store.ts";
import { getJson, postJson, refuse, send } from "./node-http.ts";
import type { ReserveBudget } from "./reserve-budget.ts";
import { Reserver } from "./reserver.ts";

const CREDIT_ATTEMPTS = 20;
const CREDIT_RETRY_MS = 100;

const BUSY = ["ERR_CREDIT_EXHAUSTED", "ERR_TOO_MANY_TRANSFERS", "ERR_TOO_MANY_SUBKEYS"] as const;

/** What passes once other transfers of the same key, or of other keys of its session key, are done. */
function isBusy(error: unknown): boolean {
  return BUSY.some((code) => isFlkError(error, code));
}

export interface SessionOptions {
  client: FlkClient;
  /** of the node's edge, without a slash at the end */
  url: string;
  node: { nodeId: number; networkKey: Uint8Array };
  account: Hex;
  session: Ed25519Signer;
  service: number;
  commodity: number;
  lane: number;
  /** SSZ SignedDelegation, when `session` is a delegated key */
  delegation?: Hex;
  store: LaneStore;
  /** micro-USD locked for the node beyond what is acknowledged, at most; 0 never reserves */
  maxReserve: bigint;
  /** what may be locked at this node and others together */
  budget?: ReserveBudget;
  /** micro-USD per 10^9 units: nothing is signed in an epoch with a higher price */
  maxPrice: bigint;
}

/** micro-USD per 10^9 units. @throws ERR_PRICE_TOO_HIGH */
export function assertPrice(price: bigint, max: bigint): void {
  if (price <= max) return;
  const message = `the service asks ${price} micro-USD per 10^9 units, at most ${max} are agreed to`;
  throw clientError("ERR_PRICE_TOO_HIGH", message, { price, max });
}

/** ms: the node answers once a block has it */
const RESERVE_MS = 20_000;

/** One lane with one node: opens, reopens, fetches and acknowledges. Made by `openSession`. */
export class DeliverySession {
  readonly nodeId: number;
  readonly url: string;
  readonly account: Hex;
  readonly lane: number;
  readonly acknowledger: Acknowledger;
  readonly reserver: Reserver;
  readonly #o: SessionOptions;
  /** transfers that ended early → how often the node did not list them yet, and how many units can be on their way at most */
  readonly #interrupted = new Map<number, { missed: number; most: number }>();
  #opened: SessionOpened | undefined;
  #reopening: Promise<void> | undefined;
  #settling: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#o = options;
    this.nodeId = options.node.nodeId;
    this.url = options.url;
    this.account = options.account;
    this.lane = options.lane;
    const { client, session, service, commodity, lane, store, maxReserve: max } = options;
    const account = fromHex(options.account, 20);
    const identity = { account, session: session.publicKey, lane, node: this.nodeId, service, commodity };
    const parts = [toHex(client.network.networkId), options.account.toLowerCase(), toHex(session.publicKey)];
    this.acknowledger = new Acknowledger({
      networkId: client.network.networkId,
      key: session,
      lane: identity,
      laneName: [...parts, this.nodeId, service, commodity, lane].join("/"),
      store,
      link: {
        post: (ack, deliveries) => this.#postAck(ack, deliveries),
        reopen: () => this.reopen(),
        epoch: async () => integer(await client.request("flk_get_epoch", []), "epoch"),
        assertPrice: async () =>
          assertPrice(await getPrice(client, { service, commodity }), options.maxPrice),
      },
    });
    this.reserver = new Reserver({
      networkId: client.network.networkId,
      key: session,
      parties: { account, session: session.publicKey, node: this.nodeId },
      name: [...parts, this.nodeId, ...(commodity === COMMODITY.bandwidth ? [] : [commodity])].join("/"),
      commodity,
      store,
      delegated: options.delegation !== undefined,
      max,
      ...(options.budget && { budget: options.budget }),
      acknowledged: (epoch) => (this.acknowledged.epoch === epoch ? this.acknowledged.units : 0n),
      link: {
        post: (reserve) => this.#postReserve(reserve),
        chain: async () => {
          const funds = await chainFunds(client, {
            account: options.account,
            session: session.publicKey,
            node: this.nodeId,
            service,
            commodity,
            ...(options.delegation !== undefined && { delegation: options.delegation }),
          });
          assertPrice(funds.price, options.maxPrice);
          return funds;
        },
      },
    });
  }

  /** The newest acknowledgement signed: its epoch, deliveries and units so far. */
  get acknowledged(): { epoch: number; count: number; units: bigint } {
    return this.acknowledger.newest;
  }

  /**
   * Opens, and acknowledges what the node served to this session key before and nobody acknowledged: at most the window that
   * this client let it have. Nothing of that once `signal` is aborted. @throws ERR_ABORTED
   */
  async open(signal?: AbortSignal): Promise<void> {
    await this.reserver.load();
    await this.reopen(signal);
    await this.acknowledger.flush();
    await this.#settle(() => Number.POSITIVE_INFINITY, signal);
  }

  /** Concurrent callers share one handshake. */
  reopen(signal?: AbortSignal): Promise<void> {
    this.#reopening ??= this.#handshake(signal).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  /**
   * Starts a transfer from `offset`. Opens the session anew when the node forgot it, and acknowledges what interrupted
   * transfers left over.
   */
  async get(
    hash: Hex,
    offset: number,
    signal?: AbortSignal,
  ): Promise<{ response: Response; transfer: number }> {
    const headers: Record<string, string> = offset > 0 ? { range: `bytes=${offset}-` } : {};
    return this.#begin(`/v1/blake3/${hash.slice(2)}`, { headers, ...(signal && { signal }) });
  }

  /** Starts a run of a module, as `get` a transfer. */
  async compute(run: {
    module: Hex;
    input: Uint8Array;
    maxMs: number;
    signal?: AbortSignal;
  }): Promise<{ response: Response; transfer: number }> {
    return this.#begin(`/v1/compute/${run.module.slice(2)}`, {
      method: "POST",
      headers: { [MAX_MS_HEADER]: String(run.maxMs) },
      body: new Uint8Array(run.input),
      ...(run.signal && { signal: run.signal }),
    });
  }

  async #begin(
    path: string,
    { headers, ...request }: RequestInit & { headers: Record<string, string> },
  ): Promise<{ response: Response; transfer: number }> {
    if (this.#interrupted.size > 0 || this.acknowledger.failed) await this.settle();
    for (let attempt = 1; ; attempt++) {
      try {
        const init = { ...request, headers: { ...this.#headers(), ...headers } };
        const response = await send(this.#o.client.fetch, this.url + path, init);
        if (!response.ok) await refuse(response);
        const transfer = Number(response.headers.get(TRANSFER_HEADER) ?? Number.NaN);
        if (!Number.isInteger(transfer)) throw clientError("ERR_NODE_RESPONSE", "the node names no transfer");
        return { response, transfer };
      } catch (error) {
        if (isFlkError(error, "ERR_SESSION_UNKNOWN") && attempt === 1) await this.reopen();
        else if (isBusy(error) && attempt < CREDIT_ATTEMPTS) {
          // Other transfers of this key end, or have just ended: their acknowledgements are on the way.
          await new Promise((resolve) => setTimeout(resolve, CREDIT_RETRY_MS));
          await this.settle();
        } else throw error;
      }
    }
  }

  /** A transfer ended before all of it was read: what was in flight, units up to `most`, will be acknowledged before the next one. */
  interrupted(transfer: number, most = Number.POSITIVE_INFINITY): void {
    this.#interrupted.set(transfer, { missed: 0, most });
  }

  /** Acknowledges what is left over of interrupted transfers; concurrent callers share one run. */
  settle(): Promise<void> {
    this.#settling ??= this.#settleInterrupted().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  async #settleInterrupted(): Promise<void> {
    const before = new Map(this.#interrupted);
    await this.acknowledger.flush();
    if (before.size === 0) return;
    const settled = await this.#settle(({ transfer }) => before.get(transfer)?.most ?? 0);
    for (const [transfer, { missed, most }] of before) {
      if (settled.has(transfer) || missed + 1 >= CREDIT_ATTEMPTS) this.#interrupted.delete(transfer);
      else this.#interrupted.set(transfer, { missed: missed + 1, most });
    }
  }

  async status(): Promise<SessionStatus> {
    const body = object(
      await getJson(this.#o.client.fetch, `${this.url}/v1/session`, this.#headers()),
      "session",
    );
    const ended = body.ended === null ? null : object(body.ended, "ended");
    return {
      epoch: integer(body.epoch, "epoch"),
      unacknowledged: readEntries(body.unacknowledged),
      ended: ended && {
        transfer: integer(ended.transfer, "transfer"),
        code: String(ended.code),
        message: String(ended.message),
      },
    };
  }

  /**
   * Acknowledges what the node says that it served and nobody acknowledged, as far as we take its word. `most`: units that may be owed
   * for an entry's transfer. Returns the units acknowledged by transfer.
   */
  async #settle(most: (entry: DeliveryEntry) => number, signal?: AbortSignal): Promise<Map<number, number>> {
    assertNotAborted(signal);
    const { unacknowledged } = await this.status();
    assertNotAborted(signal);
    const settled = new Map<number, number>();
    const claims = [];
    const allowed = this.reserver.allowance;
    let left = allowed;
    for (const entry of unacknowledged) {
      const { transfer, hash, offset } = entry;
      const before = settled.get(transfer) ?? 0;
      const units = Math.max(0, Math.min(Number(entry.units), left, most(entry) - before));
      if (units === 0) continue;
      left -= units;
      settled.set(transfer, before + units);
      claims.push({ transfer, hash, offset: Number(offset), units });
    }
    await this.reserver.claim(allowed - left);
    for (const claim of claims) this.acknowledger.add(claim);
    await this.acknowledger.flush();
    return settled;
  }

  async #handshake(signal?: AbortSignal): Promise<void> {
    const { client, store: _, maxReserve: __, maxPrice: ___, budget: ____, ...rest } = this.#o;
    const { fetch, network } = client;
    const opened = await handshake({ ...rest, fetch, network, ...(signal && { signal }) });
    this.#opened = opened;
    await this.acknowledger.resume(opened);
    await this.reserver.update(opened.credit);
  }

  async #postAck(ack: Hex, deliveries: DeliveryEntry[]): Promise<AckResponse> {
    const request: AckRequest = {
      network: toHex(this.#o.client.network.networkId),
      session: this.#id(),
      ack,
      deliveries,
    };
    const answer = object(await postJson(this.#o.client.fetch, `${this.url}/v1/acks`, request), "ack");
    const credit = readCredit(answer.credit);
    await this.reserver.update(credit);
    return {
      epoch: integer(answer.epoch, "epoch"),
      count: integer(answer.count, "count"),
      units: amount(answer.units, "units").toString(),
      credit,
    };
  }

  async #postReserve(reserve: Hex): Promise<Credit> {
    const network = toHex(this.#o.client.network.networkId);
    const request: ReservationRequest = { network, session: this.#id(), reserve };
    const url = `${this.url}/v1/reservations`;
    const answer = object(
      await postJson(this.#o.client.fetch, url, request, { timeoutMs: RESERVE_MS }),
      "reservation",
    );
    return readCredit(answer.credit);
  }

  #headers(): Record<string, string> {
    return { [SESSION_HEADER]: this.#id() };
  }

  #id(): Hex {
    if (!this.#opened) throw clientError("ERR_LANE_STATE", "the session is not open");
    return this.#opened.id;
  }
}
