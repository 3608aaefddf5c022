import { secureRandom } from "#crypto";
import type { Clock } from "#node/interface/clock.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { Credit } from "./credit.ts";
import { deliveryError } from "./errors.ts";
import type { LaneRequest } from "./types.ts";

/** An open session: `id` is a secret that only the client and this node know. */
export interface Session {
  readonly id: Uint8Array;
  readonly request: LaneRequest;
  readonly credit: Credit;
  /** names the account */
  readonly owner: string;
  /** of the clock's `elapsed` */
  usedAt: number;
  /** why the last transfer ended early */
  ended: { transfer: number; code: string; message: string } | undefined;
}

export interface SessionLimits {
  /** of all clients together */
  maxSessions: number;
  /** ms without a request after which a session is dropped */
  idleMs: number;
}

/** Open sessions, bounded in number. When there is no room, whoever has the most gives way (rule D1). */
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

  /**
   * When the table is full, the quietest session goes of the account that has the most, among those that have more than the
   * asking one would have with one more, or of that one itself: so nobody can take another's fair share.
   * @throws ERR_TOO_MANY_SESSIONS when those all have a transfer running
   */
  makeRoom({ account }: LaneRequest): void {
    const max = this.#limits.maxSessions;
    if (this.#sessions.size < max) return;
    this.expire();
    if (this.#sessions.size < max) return;
    const held = Map.groupBy(this.#sessions.values(), ({ owner }) => owner);
    const asking = bytesKey(account);
    const own = held.get(asking)?.length ?? 0;
    const givingWay = [...held]
      .filter(([id, sessions]) => id === asking || sessions.length > own + 1)
      .sort(([, a], [, b]) => b.length - a.length);
    for (const [, sessions] of givingWay) {
      const quiet = sessions.filter((s) => this.#quiet(s)).sort((a, b) => a.usedAt - b.usedAt)[0];
      if (!quiet) continue;
      this.#sessions.delete(toHex(quiet.id));
      return;
    }
    throw deliveryError("ERR_TOO_MANY_SESSIONS", "too many open sessions", { max });
  }

  /** @throws ERR_TOO_MANY_SESSIONS */
  open(request: LaneRequest, credit: Credit): Session {
    this.makeRoom(request);
    const id = secureRandom(32);
    const owner = bytesKey(request.account);
    const session: Session = { id, request, credit, owner, usedAt: this.#clock.elapsed(), ended: undefined };
    this.#sessions.set(toHex(id), session);
    return session;
  }

  /** @throws ERR_SESSION_UNKNOWN also when it has expired */
  get(id: Uint8Array): Session {
    const session = this.#sessions.get(toHex(id));
    if (!session || this.#expired(session)) {
      throw deliveryError("ERR_SESSION_UNKNOWN", "no such session: open one with POST /v1/sessions");
    }
    session.usedAt = this.#clock.elapsed();
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
    return this.#clock.elapsed() - session.usedAt > this.#limits.idleMs && this.#quiet(session);
  }
}
