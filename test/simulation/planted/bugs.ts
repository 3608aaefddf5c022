/** A known bug, as one change to the source of a module. */
export interface PlantedBug {
  /** end of the module's path */
  module: string;
  from: string;
  to: string;
}

export const BUGS = {
  voteNotPersisted: {
    module: "node/consensus/primary.ts",
    from: 'this.#out.push({ type: "persist", writes: voteWrites(vote, bytes, this.#votes.last(author)) });',
    to: "",
  },
  commitAtF: {
    module: "node/consensus/bullshark.ts",
    from: "this.#support(anchor) >= this.#committee.validity ?",
    to: "this.#support(anchor) >= this.#committee.validity - 1 ?",
  },
  collectByLocalRound: {
    module: "node/consensus/bullshark.ts",
    from: "return Math.max(0, this.#cursor.lastCommittedRound - this.#gcDepth);",
    to: "return Math.max(0, this.#dag.highestRound - this.#gcDepth);",
  },
  parentsUnchecked: {
    module: "node/consensus/dag.ts",
    from: "return parents.filter((id) => !this.#byId.has(id));",
    to: "return [];",
  },
  windowSkipped: {
    module: "node/chain/narwhal/listening.ts",
    from: "if (guard.remainingMs === 0) return;",
    to: "return;",
  },
  blocksUnchecked: {
    module: "node/chain/import/importer.ts",
    from: "assertCertified(this.#options.context.networkId, this.#options.verifier, committee, certified);",
    to: "",
  },
  batchesUnchecked: {
    module: "node/chain/narwhal/batch-fetcher.ts",
    from: "if (!equalBytes(blake3(bytes), ref.digest))",
    to: "if (false)",
  },
  proposalMadeAgain: {
    module: "node/consensus/primary.ts",
    from: "if (!proposal) return;",
    to: "return;",
  },
} as const satisfies Record<string, PlantedBug>;
export type BugName = keyof typeof BUGS;
