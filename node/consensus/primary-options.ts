import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { ConsensusSigner } from "#node/interface/crypto.ts";
import type { BatchRef, Certificate, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import type { OrderCursor } from "./bullshark.ts";
import { consensusError } from "./errors.ts";
import type { EpochRules } from "./header.ts";
import type { HeaderSources } from "./own-payload.ts";
import { HEADER_AGE_LIMIT } from "./votes.ts";

/** What the disk says at the start of the process. */
export interface Recovered {
  cursor: OrderCursor;
  /** highest L2 checkpoint that an own ordered header reported */
  reported: number;
  /** the newest own header that was recorded */
  proposal: SignedHeader | undefined;
  /** the newest recorded vote per author */
  votes: Vote[];
  /** stored certificates above the garbage-collection round, ascending by round */
  certificates: Certificate[];
}

export interface PrimaryOptions {
  rules: EpochRules;
  /** nodeId of a member */
  self: number;
  signer: ConsensusSigner;
  timing: ConsensusTiming;
  sources: HeaderSources;
  /** whether the batch is stored here */
  hasBatch(ref: BatchRef): boolean;
  recovered: Recovered;
}

/** @throws ERR_TIMING */
export function assertTiming({ gcDepth }: ConsensusTiming): void {
  if (gcDepth > 2 * HEADER_AGE_LIMIT) return;
  throw consensusError("ERR_TIMING", "gcDepth must exceed twice the age limit of headers", { gcDepth });
}
