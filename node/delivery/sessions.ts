import { secureRandom } from "#crypto";
import type { Clock } from "#node/interface/clock.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { Credit } from "./credit.ts";
import { deliveryError } from "./errors.ts";
import { parentOf } from "./funds.ts";
import type { LaneRequest } from "./types.ts";

/** An open session: `id` is a secret that only the client and this node know. */
export interface Session {
  readonly id: Uint8Array;
  readonly request: LaneRequest;
  readonly credit: Credit;
  /** Unix ms */
  usedAt: number;
  /** why the last transfer ended early */
  ended: { transfer: number; code: string; message: string } | undefined;
}

export interface SessionLimits {
  /** of all clients together */
  maxSessions: number;
  /** of one session key, together with those of the keys it delegated to */
  maxSessionsPerKey: number;
  /** ms without a request after which a session is dropped */
  idleMs: number;
}

/** Open sessions, bounded in number; expired ones go first. */
export class SessionTable {
  readonly #sessions = new Map<string, Session>();
  readonly #clock: Clock;
  readonly #limits: SessionLimits;

  constructor(clock: Clock, limits: SessionLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** The quietest session of the same session key gives way when it has its share. @throws ERR_TOO_MANY_SESSIONS */
  makeRoom(request: LaneRequest): void {
    const parent = parentOf(request);
    const own = [...this.#sessions.values()].filter(
      (s) => equalBytes(parentOf(s.request), parent) && equalBytes(s.request.account, request.account),
    );
    const oldest = own.filter((s) => this.#quiet(s)).sort((a, b) => a.usedAt - b.usedAt)[0];
    if (own.length >= this.#limits.maxSessionsPerKey) {
      if (!oldest) throw this.#full(this.#limits.maxSessionsPerKey);
      this.#sessions.delete(toHex(oldest.id));
    }
    if (this.#sessions.size >= this.#limits.maxSessions) this.expire();
    if (this.#sessions.size >= this.#limits.maxSessions) throw this.#full(this.#limits.maxSessions);
  }

  /** @throws ERR_TOO_MANY_SESSIONS */
  open(request: LaneRequest, credit: Credit): Session {
    this.makeRoom(request);
    const id = secureRandom(32);
    const session: Session = { id, request, credit, usedAt: this.#clock.now(), ended: undefined };
    this.#sessions.set(toHex(id), session);
    return session;
  }

  /** @throws ERR_SESSION_UNKNOWN also when it has expired */
  get(id: Uint8Array): Session {
    const session = this.#sessions.get(toHex(id));
    if (!session || this.#expired(session)) {
      throw deliveryError("ERR_SESSION_UNKNOWN", "no such session: open one with POST /v1/sessions");
    }
    session.usedAt = this.#clock.now();
    return session;
  }

  uses(credit: Credit): boolean {
    for (const session of this.#sessions.values()) if (session.credit === credit) return true;
    return false;
  }

  expire(): void {
    for (const [id, session] of this.#sessions) if (this.#expired(session)) this.#sessions.delete(id);
  }

  #quiet(session: Session): boolean {
    for (const t of session.credit.transfers.values())
      if (t.active && t.request === session.request) return false;
    return true;
  }

  #expired(session: Session): boolean {
    return this.#clock.now() - session.usedAt > this.#limits.idleMs && this.#quiet(session);
  }

  #full(max: number): Error {
    return deliveryError("ERR_TOO_MANY_SESSIONS", "too many open sessions", { max });
  }
}
