import assert from "node:assert/strict";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Peer } from "./watched.ts";

/** What the test reads of a block. */
interface BlockAnswer {
  block_root: string;
  state_root: string;
  input: { epoch: number; anchor_round: number; anchor_author: number };
  closes: boolean;
}

export interface SeenBlock {
  blockRoot: string;
  stateRoot: string;
  epoch: number;
  anchorRound: number;
  anchorAuthor: number;
  closes: boolean;
}

/** Every certified block of every node, by height: one content for all. */
export class Ledger {
  readonly blocks: SeenBlock[] = [];
  readonly #next = new Map<string, number>();

  /** Reads on from each node, until it has no more; those that do not answer are left for later. @throws AssertionError when two differ */
  async follow(nodes: readonly Peer[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.#read(node)));
  }

  /** Blocks of `node` that were compared. */
  count(node: Peer): number {
    return this.#next.get(node.name) ?? 0;
  }

  async #read(node: Peer): Promise<void> {
    for (let height = this.count(node); ; height++) {
      const block = await blockOf(node, height);
      if (!block) return;
      const seen = this.blocks[height];
      if (seen) assert.deepEqual(block, seen, `block ${height} of ${node.name} is another one`);
      else this.blocks[height] = block;
      this.#next.set(node.name, height + 1);
    }
  }
}

async function blockOf(node: Peer, height: number): Promise<SeenBlock | undefined> {
  try {
    const answer = (await node.persona.node.request("flk_get_block", [height])) as BlockAnswer | null;
    if (!answer) return undefined;
    const { block_root: blockRoot, state_root: stateRoot, closes, input } = answer;
    const { epoch, anchor_round: anchorRound, anchor_author: anchorAuthor } = input;
    return { blockRoot, stateRoot, epoch, anchorRound, anchorAuthor, closes };
  } catch (error) {
    if (isFlkError(error, "ERR_RPC_UNREACHABLE")) return undefined;
    throw error;
  }
}
