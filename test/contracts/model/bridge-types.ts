import type { Committee } from "#protocol/types/committee.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import type { CertifiedList } from "./slash-ledger.ts";

/** Seconds and base units. */
export interface Terms {
  activationDelay: number;
  tolerance: number;
  maxStable: bigint;
  maxFlk: bigint;
  escapeDelay: number;
  exitWindow: number;
  recoveryDelay: number;
  minDeposit: bigint;
  supply: bigint;
  ceilingBps: bigint;
  /** Unix ms */
  startTime: number;
}

/** What the protocol chain knows of one client; payouts are cumulative. */
export interface Client {
  balance: bigint;
  seen: bigint;
  stable: bigint;
  flk: bigint;
}

export interface State {
  clients: Client[];
  l2Number: number;
}

/** What one client has and had on the L2. */
export interface Outside {
  deposited: bigint;
  firstBlock: number;
  claimedStable: bigint;
  claimedFlk: bigint;
  /** of what was claimed, what went to its payee */
  redirected: { stable: bigint; flk: bigint };
  hasPayee: boolean;
  escaped: bigint;
  /** deposits that an escape paid, or that were there when it did */
  counted: bigint;
  takenAt: number;
}

export interface Posted {
  settlement: Settlement;
  state: State;
  /** undefined: it names none */
  next: Committee | undefined;
  list: CertifiedList;
  activatesAt: number;
  holds: number;
}

/** What an epoch leaves, as its committee says. */
export type Draft = Pick<Posted, "state" | "next" | "list">;
