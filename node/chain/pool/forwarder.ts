import type { Clock } from "#node/interface/clock.ts";
import type { Logger } from "#node/interface/logger.ts";
import type { Network } from "#node/interface/network.ts";
import { RECEIPT_CODES, type ReceiptCode, receiptStatus } from "#protocol/errors/codes.ts";
import { errorCode, type FlkError, isFlkError } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { type Committee, type CommitteeMember, validityPower } from "#protocol/types/committee.ts";
import { chainError } from "../errors.ts";
import { FORWARD, ForwardRequest, ForwardResponse } from "../sync/wire.ts";
import type { Pool, PoolEntry } from "./pool.ts";

export interface ForwarderOptions {
  pool: Pool;
  network: Network;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
  committee(): Committee;
  isMember(committee: Committee): boolean;
  rejected(error: unknown, from: number): void;
}

/** Without a receipt for so long, a transaction that members accepted is sent again (ms). */
const RESEND_MS = 4_000;
/** Not accepted by enough members: sooner (ms). */
const RETRY_MS = 1_000;
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_FORWARD_BYTES = MAX_MESSAGE_BYTES - 8_192;
const MAX_FORWARD_COUNT = 1_024;

/** BLK-FORWARD: brings the pool of a non-member to f+1 members, and takes what non-members bring (DESIGN §6 Non-members). */
export class Forwarder {
  #options: ForwarderOptions;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** Sends what is due, one round. */
  async round(): Promise<void> {
    const { pool, clock } = this.#options;
    await pool.refresh();
    // what goes out for the first time goes to the same members, so that the nonces of one sender stay in order
    const byAttempt = Map.groupBy(pool.due(clock.elapsed()), (entry) => entry.attempts);
    for (const [attempts, due] of [...byAttempt].sort(([a], [b]) => b - a)) {
      for (const entries of packed(due)) await this.#send(entries, attempts);
    }
  }

  /** The handler of channel "tx". @throws ERR_NOT_MEMBER, ERR_DECODE, ERR_STORE */
  async take(from: number, message: Uint8Array): Promise<Uint8Array> {
    const { pool, committee, isMember, rejected } = this.#options;
    const transactions = decode(ForwardRequest, message);
    if (!isMember(committee()))
      throw chainError("ERR_NOT_MEMBER", "not in the committee that takes transactions");
    const answers = (await pool.submitAll(transactions, from)).map((result) => {
      if (!("refused" in result)) return FORWARD.accepted;
      rejected(result.refused, from);
      return refusal(result.refused);
    });
    return ForwardResponse.serialize(answers);
  }

  async #send(entries: PoolEntry[], attempts: number): Promise<void> {
    const { clock, logger } = this.#options;
    const committee = this.#options.committee();
    const targets = this.#targets(committee, attempts);
    const message = ForwardRequest.serialize(entries.map((entry) => entry.bytes));
    const answers = await Promise.all(targets.map((member) => this.#ask(member, message, entries.length)));
    const accepted = (i: number) =>
      targets.reduce(
        (power, member, at) => (answers[at]?.[i] === FORWARD.accepted ? power + member.power : power),
        0,
      );
    const now = clock.elapsed();
    let short = 0;
    for (const [i, entry] of entries.entries()) {
      const enough = accepted(i) >= validityPower(committee);
      if (!enough) short++;
      entry.attempts++;
      entry.dueAt = now + (enough ? RESEND_MS : RETRY_MS);
    }
    if (short > 0) logger.debug("transactions not yet accepted by f+1 members", { count: short });
  }

  /** f+1 of the power among connected members: others with each attempt, and others from each node. */
  #targets(committee: Committee, attempts: number): CommitteeMember[] {
    const connected = new Set(this.#options.network.connected());
    const able = committee.members.filter((member) => connected.has(member.nodeId));
    const shift = able.length > 0 ? (this.#options.network.self + attempts) % able.length : 0;
    const targets: CommitteeMember[] = [];
    let power = 0;
    for (const member of [...able.slice(shift), ...able.slice(0, shift)]) {
      if (power >= validityPower(committee)) break;
      targets.push(member);
      power += member.power;
    }
    return targets;
  }

  async #ask(member: CommitteeMember, message: Uint8Array, count: number): Promise<number[] | undefined> {
    const { network, signal, logger, rejected } = this.#options;
    try {
      const options = { timeoutMs: REQUEST_TIMEOUT_MS, signal };
      const answers = decode(ForwardResponse, await network.request(member.nodeId, "tx", message, options));
      if (answers.length !== count) throw chainError("ERR_SYNC_RESPONSE", "one answer per transaction", {});
      const refused = answers.find((answer) => answer !== FORWARD.accepted);
      if (refused !== undefined) {
        const code = RECEIPT_CODES[refused] ?? "ERR_POOL_FULL";
        logger.debug("a member refused a transaction", { member: member.nodeId, code });
      }
      return answers;
    } catch (error) {
      if (!isFlkError(error)) throw error;
      if (errorCode(error) === "ERR_DECODE" || errorCode(error) === "ERR_SYNC_RESPONSE")
        rejected(error, member.nodeId);
      return undefined;
    }
  }
}

/** The answer that tells why. */
function refusal({ code }: FlkError): number {
  return code === "ERR_POOL_FULL" ? FORWARD.full : receiptStatus(code as ReceiptCode);
}

/** In order, as few messages as they fit in. */
function packed(entries: PoolEntry[]): PoolEntry[][] {
  const groups: PoolEntry[][] = [];
  let group: PoolEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry.bytes.length + 4;
    if (group.length > 0 && (bytes + size > MAX_FORWARD_BYTES || group.length >= MAX_FORWARD_COUNT)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(entry);
    bytes += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
