import { FlkError } from "#protocol/errors/error.ts";

/** Codes of the chain driver. Append only. */
export const CHAIN_ERRORS = [
  /** 2f+1 of the committee attest to another result than ours: this node must not go on */
  "ERR_STATE_DIVERGED",
  /** the protection store holds another payload for the same (kind, epoch, slot) */
  "ERR_DOUBLE_SIGN",
  /** a block that does not follow the last executed one */
  "ERR_BLOCK_GAP",
  /** the database belongs to another network */
  "ERR_WRONG_NETWORK",
  /** a record of our own that should be in the database is not there */
  "ERR_RECORD_MISSING",
  "ERR_CERTIFICATE_COMMITTEE",
  "ERR_CERTIFICATE_SIGNERS",
  "ERR_CERTIFICATE_POWER",
  "ERR_CERTIFICATE_SIGNATURE",
  "ERR_CERTIFICATE_MISMATCH",
  /** a peer's answer that does not fit the question */
  "ERR_SYNC_RESPONSE",
  "ERR_POOL_FULL",
  /** this node, or who asks it, is not in the committee that it is in now */
  "ERR_NOT_MEMBER",
  "ERR_ABORTED",
  /** protection/ is of other consensus keys */
  "ERR_PROTECTION_FOREIGN",
  /** there is data of a node that ran, and no record of what it signed */
  "ERR_PROTECTION_MISSING",
  /** not an export of protection/, or a damaged one */
  "ERR_PROTECTION_FILE",
  /** two records of one slot differ */
  "ERR_PROTECTION_CONFLICT",
  /** our key signed what is not in protection/: a second copy runs, or this one is older than what it did */
  "ERR_DOPPELGANGER",
  /** a signature that must not leave: the node has to listen first, or has failed */
  "ERR_SIGNING_STOPPED",
  /** the time to listen for our own key is longer than an epoch */
  "ERR_DOPPELGANGER_WINDOW",
  /** the chain is not read from the database yet: try again soon */
  "ERR_NOT_STARTED",
] as const;
export type ChainErrorCode = (typeof CHAIN_ERRORS)[number];

export function chainError(
  code: ChainErrorCode,
  message: string,
  data: Record<string, string | number | bigint | boolean | null> = {},
): FlkError<ChainErrorCode> {
  return new FlkError(code, message, data);
}
