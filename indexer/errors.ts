import { DrizzleQueryError } from "drizzle-orm";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";

/** Codes that the indexer adds to those of protocol/errors. Stable: messages may change, codes may not. */
export type IndexerErrorCode =
  /** the L2 answers with another chain id than configured */
  | "ERR_L2_CHAIN_ID"
  /** no configured L2 URL answers */
  | "ERR_L2_UNREACHABLE"
  /** a block that the L2 called finalized has another hash now */
  | "ERR_L2_FORK"
  /** a log of our contracts does not decode by our ABI */
  | "ERR_L2_LOG"
  /** a contract was upgraded to one whose events this version does not know */
  | "ERR_L2_EVENT"
  /** an L2 URL answered with something else than was asked for, or without logs that a block has */
  | "ERR_L2_RESPONSE"
  /** the L2 has not started the network yet, or its start is not finalized */
  | "ERR_L2_NOT_STARTED"
  /** the L2 froze or restarted the settlement: what is indexed after the last active epoch does not count */
  | "ERR_L2_RESTART"
  /** the node's JSON-RPC does not answer, or not in its form */
  | "ERR_NODE_UNREACHABLE"
  | "ERR_NODE_RESPONSE"
  /** the L2 has settled an epoch that the node does not show, or that is not checked yet */
  | "ERR_NODE_BEHIND"
  /** a block without a valid certificate of its committee, or not the successor of the block before */
  | "ERR_COMMIT_CERTIFICATE"
  | "ERR_BLOCK_LINK"
  /** a settlement certificate that the committee did not sign or that does not fit the chain */
  | "ERR_SETTLEMENT_CERTIFICATE"
  /** a committee names a node key that the L2 does not know (yet) */
  | "ERR_UNKNOWN_KEY"
  | "ERR_STORE_LOCKED"
  /** the database cannot be reached, or refuses */
  | "ERR_DATABASE"
  /** another process writes to the database: this one stopped to */
  | "ERR_STORE_LOST"
  /** what earlier versions indexed is still needed */
  | "ERR_NOT_CAUGHT_UP"
  /** the process that writes to the database has said nothing for long */
  | "ERR_WRITER_SILENT"
  | "ERR_PORT_IN_USE"
  | "ERR_LISTEN"
  | "ERR_QUERY_TOO_DEEP"
  | "ERR_QUERY_TOO_COSTLY"
  | "ERR_QUERY_ARGUMENT"
  | "ERR_QUERY_TIMEOUT"
  /** only documents that the indexer knows are answered, and this is none */
  | "ERR_QUERY_NOT_PERSISTED"
  | "ERR_RATE_LIMIT"
  /** a call of the explorer's wallet that is not passed on to the node: not one that wallets need, or too many at once */
  | "ERR_RELAY_REFUSED"
  | "ERR_RELAY_BUSY";

/** What does not agree of an epoch, which then is not verified unless told; `Epoch.problem` over GraphQL. */
export const EPOCH_PROBLEMS = [
  /** keccak256 of the node's report is not the settled reportHash */
  "ERR_REPORT_HASH",
  /** the report does not decode, or is of another epoch */
  "ERR_REPORT_FORM",
  /** the report's balances are not the sum of the balance changes in the blocks */
  "ERR_REPORT_BALANCES",
  /** deposits that the chain has seen are not the deposits of the L2 up to its checkpoint */
  "ERR_REPORT_DEPOSITS",
  "ERR_PAYOUT_ROOT",
  "ERR_BALANCE_ROOT",
  /** totals of the settlement are not the sums of the report */
  "ERR_TOTALS",
  /** balances + payouts are not the deposits */
  "ERR_NOT_CONSERVED",
  /** a balance change inside a block does not follow from the balance before it */
  "ERR_FOLD",
  /** the epoch is verified, but what was told of its receipts does not add up to the work of the report */
  "ERR_DELIVERIES",
  /** the L2 settled another digest than the committee certified to us */
  "ERR_SETTLEMENT_DIGEST",
] as const;
export type EpochProblem = (typeof EPOCH_PROBLEMS)[number];

const MAX_DETAIL = 300;

/** What everybody may read of a failure, and what only the log says: statements and their values are nobody's business. */
export function told(error: unknown): { code: string; message: string; detail?: string } {
  if (isFlkError(error)) return { code: error.code, message: error.message };
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  const detail = (cause instanceof Error ? cause.message : String(cause)).slice(0, MAX_DETAIL);
  if (!(error instanceof DrizzleQueryError))
    return { code: errorCode(error), message: "see the log", detail };
  const state = (cause as { code?: unknown } | undefined)?.code;
  const why = typeof state === "string" ? ` (${state})` : "";
  return { code: "ERR_DATABASE", message: `the database does not do what it should${why}`, detail };
}
