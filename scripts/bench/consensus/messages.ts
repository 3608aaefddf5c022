import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { Usage } from "../support/usage.ts";

/** What a member is told on its command line, as JSON. */
export interface MemberSetup {
  /** of this member; ids are 1 to `members` */
  nodeId: number;
  members: number;
  /** for its databases */
  dir: string;
  timing: ConsensusTiming;
  /** of every opaque transaction */
  bytes: number;
  /** signed before the load begins, where transfers are executed */
  transfers: number;
  /** Unix ms of the first epoch, where there is one */
  startTime: number;
}

export type ToMember =
  | { type: "peers"; addresses: string[][] }
  /** transactions a second of this member, until `load` is sent again */
  | { type: "load"; rate: number }
  | { type: "usage" }
  | { type: "report" };

/** Transactions `from` to `to` of one author, both inclusive, that this member committed at `at` (ms, as `now`). */
export interface CommittedRange {
  author: number;
  from: number;
  to: number;
  at: number;
}

export type FromMember =
  | { type: "listening"; addresses: string[] }
  | { type: "ready" }
  | { type: "usage"; usage: Usage }
  /** `submitted[sequence]`: ms as `now` gives them, NaN when it was refused */
  | { type: "report"; submitted: Float64Array; committed: CommittedRange[]; refused: number }
  | { type: "failed"; code: string; message: string };
