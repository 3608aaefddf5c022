import { drawRank } from "#protocol/digests/consensus.ts";
import { type Committee, quorumPower, totalPower, validityPower } from "#protocol/types/committee.ts";
import { isAnchorRound, leaderOf } from "./leader.ts";

const MAX_CACHED_LEADERS = 4096;

/** A committee as consensus looks at it: powers and keys by nodeId, thresholds, draws of leaders. */
export class CommitteeView {
  readonly epoch: number;
  /** ascending */
  readonly nodeIds: readonly number[];
  /** 2f+1 and f+1 of the power */
  readonly quorum: number;
  readonly validity: number;
  readonly total: number;
  #networkId: Uint8Array;
  #committee: Committee;
  #seed: Uint8Array;
  #index = new Map<number, number>();
  #elected = new Map<number, number>();

  constructor(networkId: Uint8Array, committee: Committee, seed: Uint8Array) {
    this.#networkId = networkId;
    this.#committee = committee;
    this.#seed = seed;
    this.epoch = committee.epoch;
    this.nodeIds = committee.members.map((member) => member.nodeId);
    this.quorum = quorumPower(committee);
    this.validity = validityPower(committee);
    this.total = totalPower(committee);
    for (const [at, member] of committee.members.entries()) this.#index.set(member.nodeId, at);
  }

  get size(): number {
    return this.nodeIds.length;
  }

  /** position of the member, -1 for others */
  indexOf(nodeId: number): number {
    return this.#index.get(nodeId) ?? -1;
  }

  has(nodeId: number): boolean {
    return this.#index.has(nodeId);
  }

  /** 0 for others */
  powerOf(nodeId: number): number {
    return this.#committee.members[this.indexOf(nodeId)]?.power ?? 0;
  }

  keyOf(nodeId: number): Uint8Array | undefined {
    return this.#committee.members[this.indexOf(nodeId)]?.consensusKey;
  }

  /** BUL-ELECT: whom the draw elects, before any swap; undefined for rounds without an anchor */
  elected(round: number): number | undefined {
    if (!isAnchorRound(round)) return undefined;
    const known = this.#elected.get(round);
    if (known !== undefined) return known;
    const leader = leaderOf(this.#networkId, this.#committee, this.#seed, round);
    if (this.#elected.size >= MAX_CACHED_LEADERS) this.#elected.clear();
    this.#elected.set(round, leader);
    return leader;
  }

  /** BUL-SWAP: whom a draw of its own elects among some members, in a schedule; `round` has an anchor */
  electedAmong(nodeIds: readonly number[], schedule: number, round: number): number {
    const members = this.#committee.members.filter(({ nodeId }) => nodeIds.includes(nodeId));
    return leaderOf(this.#networkId, { ...this.#committee, members }, this.#scheduleSeed(schedule), round);
  }

  /** Orders members with equal scores at the start of a schedule: lower is better. */
  tieRank(schedule: number, nodeId: number): Uint8Array {
    return drawRank(this.#networkId, "schedule", this.#scheduleSeed(schedule), nodeId);
  }

  #scheduleSeed(schedule: number): Uint8Array {
    return drawRank(this.#networkId, "schedule", this.#seed, schedule);
  }
}
