import type { Ed25519Signer } from "#crypto";
import type { ChainView, TransactionPool } from "#node/interface/chain-view.ts";
import type { Clock } from "#node/interface/clock.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { Metrics } from "#node/interface/metrics.ts";
import { reserveDigest } from "#protocol/digests/ack.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { signNodeTransaction } from "#protocol/digests/transactions.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { errorCode, FlkError } from "#protocol/errors/error.ts";
import { MIN_RESERVATION } from "#protocol/params/limits.ts";
import type { Reserve, SignedReserve } from "#protocol/types/ack.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { TX } from "#protocol/types/transactions.ts";
import { deliveryError } from "./errors.ts";
import { assertAuthorised, limitLeft } from "./funds.ts";
import { handIn, wasOvertaken } from "./hand-in.ts";
import type { Sequences } from "./sequences.ts";
import type { LaneRequest } from "./types.ts";

export interface ReservationOptions {
  context: NetworkContext;
  /** nodeId */
  self: number;
  /** network key */
  signer: Ed25519Signer;
  chain: ChainView;
  pool: TransactionPool;
  sequences: Sequences;
  signatures: SignatureVerifier;
  clock: Clock;
  metrics: Metrics;
}

/** ms */
const POLL_MS = 100;
const RESUBMIT_MS = 5_000;
const PATIENCE_MS = 15_000;

/**
 * Hands what clients reserve to the chain and waits until it is locked (rule D10): one at a time for each session key. Keeps
 * nothing: the client sends the same again until it is answered, and the transaction is idempotent.
 */
export class Reservations {
  readonly #o: ReservationOptions;
  readonly #underWay = new Set<string>();

  constructor(options: ReservationOptions) {
    this.#o = options;
  }

  /**
   * Resolves when the chain has at least this amount reserved.
   * @throws ERR_RESERVE_…, ERR_INSUFFICIENT_BALANCE, ERR_UNKNOWN_SESSION, ERR_SESSION_EXPIRED, ERR_DELEGATION_EXPIRED, ERR_RESERVATION_BUSY,
   * ERR_RESERVATION_TIMEOUT, the pool's codes
   */
  async lock(request: LaneRequest, signed: SignedReserve): Promise<void> {
    const help = "Reservations that clients sent, by what became of them";
    const count = (code: string): void =>
      this.#o.metrics.counter("flk_delivery_reservations_total", help, { code }).inc();
    try {
      if (this.#assertLockable(request, signed)) await this.#alone(request, signed);
      count("OK");
    } catch (error) {
      count(errorCode(error));
      throw error;
    }
  }

  /** False when so much is reserved already. */
  #assertLockable(request: LaneRequest, signed: SignedReserve): boolean {
    const { reserve } = signed;
    const { chain, context, self, signatures } = this.#o;
    const mine = equalBytes(reserve.account, request.account) && equalBytes(reserve.session, request.key);
    if (!mine) throw deliveryError("ERR_RESERVE_ACCOUNT", "for another account or session key");
    if (reserve.node !== self) throw deliveryError("ERR_RESERVE_NODE", `for node ${reserve.node}`);
    const { epoch } = chain.head();
    if (reserve.epoch !== epoch) {
      throw deliveryError("ERR_RESERVE_EPOCH", `for epoch ${reserve.epoch}, it is ${epoch}`, { epoch });
    }
    const digest = reserveDigest(context.networkId, reserve);
    if (!signatures.ed25519(reserve.session, digest, signed.signature)) {
      throw deliveryError("ERR_RESERVE_SIGNATURE", "not signed by the session key for this network");
    }
    const by = reserve.amount - (chain.reservation(reserve)?.amount ?? 0n);
    if (by <= 0n) return false;
    this.#assertFunded(request, reserve, by);
    return true;
  }

  #assertFunded(request: LaneRequest, reserve: Reserve, by: bigint): void {
    const { chain, self: node } = this.#o;
    const { epoch } = reserve;
    if (by < MIN_RESERVATION) {
      throw deliveryError("ERR_RESERVE_MINIMUM", `raise it by at least ${MIN_RESERVATION} micro-USD`);
    }
    assertAuthorised(chain, request);
    if (by > limitLeft(chain, [], request, { epoch, node })) {
      throw deliveryError("ERR_RESERVE_LIMIT", "beyond what is left of the key's limit");
    }
    const account = chain.account(reserve.account);
    if (!account || by > account.balance - account.reserved) {
      throw deliveryError("ERR_INSUFFICIENT_BALANCE", "beyond what is available of the balance");
    }
  }

  async #alone(request: LaneRequest, signed: SignedReserve): Promise<void> {
    const id = bytesKey(signed.reserve.account) + bytesKey(signed.reserve.session);
    if (this.#underWay.has(id)) {
      throw deliveryError("ERR_RESERVATION_BUSY", "another reservation of this session key is under way");
    }
    this.#underWay.add(id);
    try {
      await this.#submit(request, signed);
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #submit(request: LaneRequest, signed: SignedReserve): Promise<void> {
    const { chain, pool, clock } = this.#o;
    const start = clock.elapsed();
    let bytes = this.#transaction(request, signed);
    let txId = await handIn(pool, bytes);
    for (let handedIn = start; clock.elapsed() - start < PATIENCE_MS; ) {
      if ((chain.reservation(signed.reserve)?.amount ?? 0n) >= signed.reserve.amount) return;
      const receipt = txId && (await pool.receipt(txId));
      const code = receipt && (RECEIPT_CODES[receipt.status] ?? "ERR_RECEIPT");
      const overtaken = !txId || (receipt && wasOvertaken(receipt));
      if (code && code !== "OK" && !overtaken) {
        throw new FlkError(code, "the chain refused the reservation");
      }
      if (overtaken || (!receipt && clock.elapsed() - handedIn >= RESUBMIT_MS)) {
        handedIn = clock.elapsed();
        if (overtaken) bytes = this.#transaction(request, signed);
        txId = await handIn(pool, bytes);
      }
      await new Promise<void>((resolve) => void clock.after(POLL_MS, resolve));
    }
    throw deliveryError("ERR_RESERVATION_TIMEOUT", `the chain did not take it within ${PATIENCE_MS} ms`);
  }

  #transaction({ delegation }: LaneRequest, signed: SignedReserve): Uint8Array {
    const { context, self, signer, sequences } = this.#o;
    const delegations = delegation ? [delegation] : [];
    const body = { node: self, sequence: sequences.next(), signed, delegations };
    return signNodeTransaction(context, { kind: TX.reserve, body }, signer);
  }
}
