import { key } from "#node/consensus/records.ts";
import type { Write } from "#node/interface/store.ts";
import { RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { Block } from "#protocol/types/block.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { toHex } from "#protocol/types/hex.ts";

export interface LedgerBlock {
  height: number;
  epoch: number;
  index: number;
  anchorRound: number;
  anchorAuthor: number;
  /** ids */
  transactions: string[];
  stateRoot: string;
  bytes: Uint8Array;
}

/** What was written to the disks of honest nodes, held against each other with every write. */
export class Ledger {
  readonly blocks: LedgerBlock[] = [];
  /** of the last block on a node's disk, -1 before the first */
  readonly heights = new Map<number, number>();
  /** height of the block that gave a transaction its final receipt */
  readonly final = new Map<string, number>();
  /** transactions with a receipt that was not final, and its code */
  readonly refused = new Map<string, string>();
  readonly closed = new Map<number, Uint8Array>();
  /** by epoch, index by digest of a certificate that was ordered */
  readonly #ordered = new Map<number, Map<string, number>>();
  readonly #bySlot = new Map<string, LedgerBlock>();
  readonly #found: (what: string) => void;

  constructor(found: (what: string) => void) {
    this.#found = found;
  }

  heightOf(node: number): number {
    return this.heights.get(node) ?? -1;
  }

  get height(): number {
    return this.blocks.length - 1;
  }

  at(epoch: number, index: number): LedgerBlock | undefined {
    return this.#bySlot.get(`${epoch}/${index}`);
  }

  /** Part of a batch that has just become durable on the disk of `node`. */
  wrote(node: number, part: readonly Write[]): void {
    for (const { namespace, key: name, value } of part) {
      if (!value) continue;
      if (namespace === "block" && name[0] === BLOCK) this.#block(node, readU64(name), value);
      if (namespace === "settlement" && name[0] === CLOSED) this.#close(node, readU64(name), value);
    }
  }

  /** The certificates of one commit, by digest. */
  ordered(node: number, epoch: number, index: number, certificates: readonly Uint8Array[]): void {
    const ordered = this.#ordered.get(epoch) ?? new Map<string, number>();
    this.#ordered.set(epoch, ordered);
    for (const digest of certificates) {
      const id = bytesKey(digest);
      const before = ordered.get(id);
      if (before === undefined) ordered.set(id, index);
      else if (before !== index) {
        this.#found(`node ${node} ordered a certificate of block ${epoch}/${before} again in ${index}`);
      }
    }
  }

  #block(node: number, height: number, bytes: Uint8Array): void {
    const last = this.heightOf(node);
    if (height > last + 1) this.#found(`node ${node} wrote block ${height} after ${last}`);
    this.heights.set(node, Math.max(last, height));
    const known = this.blocks[height];
    if (!known) this.#first(node, height, bytes);
    else if (!equalBytes(known.bytes, bytes)) this.#found(difference(node, known, bytes));
  }

  #first(node: number, height: number, bytes: Uint8Array): void {
    const { input, receipts, stateRoot } = Block.deserialize(bytes);
    const { epoch, index, anchorRound, anchorAuthor } = input;
    const before = this.blocks[height - 1];
    const follows = before
      ? (epoch === before.epoch && index === before.index + 1) || (epoch === before.epoch + 1 && index === 0)
      : epoch === 0 && index === 0;
    if (!follows) this.#found(`node ${node} wrote block ${height} as ${epoch}/${index}`);
    for (const { txId, status } of receipts) this.#receipt(toHex(txId), height, RECEIPT_CODES[status] ?? "?");
    const transactions = receipts.map(({ txId }) => toHex(txId));
    const block = {
      ...{ height, epoch, index, anchorRound, anchorAuthor, transactions },
      stateRoot: toHex(stateRoot),
      bytes: new Uint8Array(bytes),
    };
    this.blocks[height] = block;
    this.#bySlot.set(`${epoch}/${index}`, block);
  }

  #receipt(id: string, height: number, code: string): void {
    if (!TAKEN.has(code)) {
      this.refused.set(id, code);
      return;
    }
    const before = this.final.get(id);
    if (before !== undefined)
      this.#found(`transaction ${id} took effect in block ${before} and in ${height}`);
    this.final.set(id, height);
  }

  #close(node: number, epoch: number, record: Uint8Array): void {
    const known = this.closed.get(epoch);
    if (!known) this.closed.set(epoch, new Uint8Array(record));
    else if (!equalBytes(known, record)) this.#found(`node ${node} closed epoch ${epoch} in another way`);
  }
}

/** The nonce was used: for the transactions that a simulation sends. */
const TAKEN: ReadonlySet<string> = new Set(["OK", "ERR_ALREADY_OPTED"]);
const BLOCK = key("b")[0];
const CLOSED = key("o")[0];

function readU64(name: Uint8Array): number {
  return Number(new DataView(name.buffer, name.byteOffset).getBigUint64(1));
}

function difference(node: number, known: LedgerBlock, bytes: Uint8Array): string {
  const { input, stateRoot } = Block.deserialize(bytes);
  const same = toHex(stateRoot) === known.stateRoot ? "same" : "another";
  return (
    `node ${node} has another block ${known.height}: ${input.epoch}/${input.index} of anchor ` +
    `${input.anchorRound}/${input.anchorAuthor} with ${input.transactions.length} transactions and ${same} ` +
    `state root, not ${known.epoch}/${known.index} of ${known.anchorRound}/${known.anchorAuthor} with ${known.transactions.length}`
  );
}
