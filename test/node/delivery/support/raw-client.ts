import { handshake } from "#client/session/handshake.ts";
import { EMPTY_LOG, extendLog, signAck, signReserve } from "#protocol/digests/ack.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { type Ack, COMMODITY, type Reserve, SignedAck, SignedReserve } from "#protocol/types/ack.ts";
import {
  type Credit,
  type DeliveryEntry,
  SESSION_HEADER,
  type SessionOpened,
  type SessionStatus,
  TRANSFER_HEADER,
} from "#protocol/types/edge-http.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { CHAIN_ID, type Customer, NODE_ID, SETTLEMENT, type World } from "./world.ts";

export const network = networkContext(CHAIN_ID, SETTLEMENT);

export interface RawTransfer {
  transfer: number;
  hash: Hex;
  reader: ReadableStreamDefaultReader<Uint8Array>;
  /** bytes read */
  received: number;
}

type Lane = Pick<Ack, "lane" | "service" | "commodity">;

interface Opening {
  /** 0 when absent */
  lane?: number;
  /** bandwidth when absent */
  commodity?: number;
  delegation?: Hex;
}

/** A client that signs what it is told to: the SDK would not. */
export class RawClient {
  readonly opened: SessionOpened;
  readonly #world: World;
  readonly #customer: Customer;
  readonly #lane: Lane;

  private constructor(world: World, customer: Customer, lane: Lane, opened: SessionOpened) {
    this.#world = world;
    this.#customer = customer;
    this.#lane = lane;
    this.opened = opened;
  }

  static async open(world: World, customer: Customer, opening: Opening = {}): Promise<RawClient> {
    const node = world.chain.node(NODE_ID);
    if (!node) throw new Error("no node");
    const { account, key: session } = customer;
    const { lane = 0, commodity = COMMODITY.bandwidth, ...delegated } = opening;
    const where = { fetch, network, url: world.edge.url(), node };
    const of = { lane, service: 0, commodity };
    const opened = await handshake({ ...where, ...delegated, account, session, ...of });
    return new RawClient(world, customer, of, opened);
  }

  get(hash: Hex, headers: Record<string, string> = {}): Promise<Response> {
    const url = `${this.#world.edge.url()}/v1/blake3/${hash.slice(2)}`;
    return fetch(url, { headers: { [SESSION_HEADER]: this.opened.id, ...headers } });
  }

  async begin(hash: Hex): Promise<RawTransfer> {
    const response = await this.get(hash);
    if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
    const transfer = Number(response.headers.get(TRANSFER_HEADER));
    return { transfer, hash, reader: response.body.getReader(), received: 0 };
  }

  /** Reads until the node pauses for `quietMs` or ends. Returns whether it ended. */
  async readUntilPause(transfer: RawTransfer, quietMs = 150): Promise<"paused" | "done" | "broken"> {
    for (;;) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const pause = new Promise<"paused">((resolve) => {
        timer = setTimeout(() => resolve("paused"), quietMs);
      });
      const next = await Promise.race([this.#read(transfer), pause]);
      clearTimeout(timer);
      if (next !== "more") return next;
    }
  }

  readonly #pending = new Map<RawTransfer, Promise<"more" | "done" | "broken">>();
  #read(transfer: RawTransfer): Promise<"more" | "done" | "broken"> {
    const known = this.#pending.get(transfer);
    if (known) return known;
    const reading = transfer.reader
      .read()
      .then(({ done, value }): "more" | "done" => {
        transfer.received += value?.length ?? 0;
        return done ? "done" : "more";
      })
      .catch((): "broken" => "broken")
      .finally(() => this.#pending.delete(transfer));
    this.#pending.set(transfer, reading);
    return reading;
  }

  /** An acknowledgement of `deliveries` after `previous`, with any field changed. */
  sign(
    deliveries: DeliveryEntry[],
    previous?: SignedAck,
    change: Partial<Ack> = {},
    networkId = network.networkId,
  ): SignedAck {
    let { count, units, log } = previous?.ack ?? { count: 0, units: 0n, log: EMPTY_LOG };
    for (const entry of deliveries) {
      const delivery = {
        contentHash: fromHex(entry.hash),
        offset: BigInt(entry.offset),
        units: BigInt(entry.units),
      };
      log = extendLog(log, delivery);
      units += delivery.units;
      count += 1;
    }
    const ack: Ack = {
      epoch: this.#world.chain.epoch,
      account: fromHex(this.#customer.account),
      session: this.#customer.key.publicKey,
      node: NODE_ID,
      ...this.#lane,
      count,
      units,
      log,
      ...change,
    };
    return signAck(networkId, ack, this.#customer.key);
  }

  async post(
    signed: SignedAck,
    deliveries: DeliveryEntry[],
    networkId: Uint8Array = network.networkId,
  ): Promise<{ status: number; code: string | undefined; body: Record<string, unknown> }> {
    const response = await fetch(`${this.#world.edge.url()}/v1/acks`, {
      method: "POST",
      body: JSON.stringify({
        network: toHex(networkId),
        session: this.opened.id,
        ack: toHex(SignedAck.serialize(signed)),
        deliveries,
      }),
    });
    const body = (await response.json()) as Record<string, unknown>;
    return { status: response.status, code: body.code as string | undefined, body };
  }

  /** Signs a reservation with any field changed, and posts it. */
  async reserve(
    amount: bigint,
    change: Partial<Reserve> = {},
    { signer = this.#customer.key, networkId = network.networkId } = {},
  ): Promise<{ status: number; code: string | undefined; credit: Credit }> {
    const account = fromHex(this.#customer.account);
    const base = { account, session: this.#customer.key.publicKey, node: NODE_ID };
    const reserve: Reserve = { ...base, epoch: this.#world.chain.epoch, amount, ...change };
    const response = await fetch(`${this.#world.edge.url()}/v1/reservations`, {
      method: "POST",
      body: JSON.stringify({
        network: toHex(network.networkId),
        session: this.opened.id,
        reserve: toHex(SignedReserve.serialize(signReserve(networkId, reserve, signer))),
      }),
    });
    const body = (await response.json()) as { code?: string; credit: Credit };
    return { status: response.status, code: body.code, credit: body.credit };
  }

  async status(): Promise<SessionStatus> {
    const response = await fetch(`${this.#world.edge.url()}/v1/session`, {
      headers: { [SESSION_HEADER]: this.opened.id },
    });
    return (await response.json()) as SessionStatus;
  }
}

export function entry(transfer: RawTransfer, offset: number, units: number): DeliveryEntry {
  return { transfer: transfer.transfer, hash: transfer.hash, offset: String(offset), units: String(units) };
}
