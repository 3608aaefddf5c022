import { BaseError, HttpRequestError, ResponseBodyTooLargeError, TimeoutError } from "viem";

/** L2 blocks per log query, at first and at most. The first is just below MANY_LOGS at 100 logs a block, which is dense. */
const FIRST_RANGE = 125;
const MAX_RANGE = 10_000;
/** Logs of an answer: so many are nearly the 10 MB that are read of one, and enough to write while the next is read. */
const MANY_LOGS = 14_000;
/** Whole ranges that are answered after a refusal before a larger one is asked for again. */
const PATIENCE = 8;

/** What providers say of log queries over too many blocks, or with too much to answer. */
const TOO_LARGE = new RegExp(
  [
    "exceeds? max(imum)? block range", // geth, reth, PublicNode
    "range (is )?too (large|wide)", // Ankr, Base, Merkle
    "block range (limit exceeded|exceeds (the|configured) limit|greater than)", // bor, erigon, Chainstack, OP
    "limited to (a |0 - )?[\\d,.]+ (blocks? )?(range|blocks?)", // QuickNode, 1RPC, BlockPI
    "up to a [\\d,.]+K? block range|this block range should work|(log )?response size (exceeded|should not)", // Alchemy, 1RPC
    "query returned more than|query exceeds max results|logs matched by query exceeds", // Infura, reth, Arbitrum
    "too many (logs|results|blocks)", // Nethermind, Avalanche
    "maximum RPC range limit|max range: \\d|ranges over [\\d,]+ blocks|at most [\\d,.]+ blocks", // Besu, Cloudflare, dRPC, Coinbase
    "range allowed for your plan", // Blast
    "(response|content|entity|payload) (is )?too large", // proxies, HTTP 413
    "query time(out|d out)", // erigon, Alchemy: what runs for too long
  ].join("|"),
  "i",
);

/** What they say when the asker, not the query, asks for too much. */
const TOO_OFTEN =
  /rate.?limit|too many requests|request (rate|count|limit)|per second|throughput|capacity|compute units|quota|credits|daily/i;

/** Why a log query was refused: for its size, for another reason, or in words that nobody knows. */
export type Refusal = "size" | "other" | "unknown";

/** By what the provider answered, not by what was asked, which messages of the library quote. */
export function refusalOf(error: unknown): Refusal {
  const said = saidBy(error);
  if (error instanceof TimeoutError || TOO_LARGE.test(said) || statusOf(error) === 413) return "size";
  if (inCauses(error, ResponseBodyTooLargeError)) return "size";
  if (TOO_OFTEN.test(said) || inCauses(error, HttpRequestError)) return "other";
  return error instanceof BaseError ? "unknown" : "other";
}

type Kind<T> = abstract new (...args: never[]) => T;

function inCauses<T>(error: unknown, kind: Kind<T>): T | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return at;
  return undefined;
}

function statusOf(error: unknown): number | undefined {
  return inCauses(error, HttpRequestError)?.status;
}

function saidBy(error: unknown): string {
  const said: string[] = [];
  for (let at = error; at instanceof BaseError; at = at.cause) said.push(at.details ?? "");
  return said.join("\n");
}

/** How many L2 blocks one provider is asked for logs of at once. */
export class LogRange {
  #blocks = FIRST_RANGE;
  #patience = 0;

  get blocks(): number {
    return this.#blocks;
  }

  /** `asked`: blocks of the query; `logs`: how many came. */
  answered(asked: number, logs: number): void {
    if (logs > MANY_LOGS) this.#blocks = Math.max(1, Math.floor(asked / 2));
    if (2 * logs > MANY_LOGS) return;
    if (asked < this.#blocks || this.#patience-- > 0) return;
    this.#blocks = Math.min(this.#blocks * 2, MAX_RANGE);
    this.#patience = 0;
  }

  /**
   * Halves the range if that may help.
   * @returns whether the provider may be asked for the smaller one at once: not when it took too long, or may have meant another thing
   */
  refused(error: unknown): boolean {
    const refusal = refusalOf(error);
    if (refusal === "other" || this.#blocks === 1) return false;
    this.#blocks = Math.floor(this.#blocks / 2);
    this.#patience = PATIENCE;
    return refusal === "size" && !(error instanceof TimeoutError);
  }
}
