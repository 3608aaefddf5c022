import { ContainerType, ListBasicType } from "@chainsafe/ssz";
import { key } from "#node/consensus/records.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { MAX_ACKS_PER_TRANSACTION } from "#protocol/params/limits.ts";
import { Block, type CertifiedBlock, type Receipt } from "#protocol/types/block.ts";
import { CommitCertificate } from "#protocol/types/consensus.ts";
import { Counter64, Uint8 } from "#protocol/types/primitives.ts";
import { chainError } from "../errors.ts";
import { isFinal } from "./receipt-finality.ts";

/** Where a transaction was executed. */
export const ReceiptRecord = new ContainerType(
  { height: Counter64, status: Uint8, ackStatus: new ListBasicType(Uint8, MAX_ACKS_PER_TRANSACTION) },
  { typeName: "ReceiptRecord" },
);

/** blocks looked at before other work gets its turn */
const WALK_SLICE = 64;

export interface TransactionReceipt {
  height: number;
  status: number;
  ackStatus: number[];
}

/** Namespace "block": executed blocks, their commit certificates and receipts by transaction. */
export class BlockStore {
  #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async writes(height: number, block: Block): Promise<Write[]> {
    const writes: Write[] = [{ namespace: "block", key: key("b", height), value: Block.serialize(block) }];
    for (const receipt of block.receipts) {
      const write = await this.#receiptWrite(height, receipt);
      if (write) writes.push(write);
    }
    return writes;
  }

  /** A final receipt stays, whatever a repetition gave; one that is not is replaced. */
  async #receiptWrite(height: number, receipt: Receipt): Promise<Write | undefined> {
    const first = await this.receipt(receipt.txId);
    if (first && isFinal(first)) return undefined;
    const value = ReceiptRecord.serialize({ height, status: receipt.status, ackStatus: receipt.ackStatus });
    return { namespace: "block", key: key("r", receipt.txId), value };
  }

  async receipt(txId: Uint8Array): Promise<TransactionReceipt | undefined> {
    const bytes = await this.#store.get("block", key("r", txId));
    return bytes && ReceiptRecord.deserialize(bytes);
  }

  certificateWrite(height: number, certificate: CommitCertificate): Write {
    return { namespace: "block", key: key("c", height), value: CommitCertificate.serialize(certificate) };
  }

  async block(height: number): Promise<Block | undefined> {
    const bytes = await this.#store.get("block", key("b", height));
    return bytes && Block.deserialize(bytes);
  }

  async certificate(height: number): Promise<CommitCertificate | undefined> {
    const bytes = await this.certificateBytes(height);
    return bytes && CommitCertificate.deserialize(bytes);
  }

  certificateBytes(height: number): Promise<Uint8Array | undefined> {
    return this.#store.get("block", key("c", height));
  }

  /** SSZ bytes of the `CertifiedBlock`, put together without parsing what is stored. */
  async certifiedBytes(height: number): Promise<Uint8Array | undefined> {
    const certificate = await this.certificateBytes(height);
    const block = certificate && (await this.#store.get("block", key("b", height)));
    if (!certificate || !block) return undefined;
    const out = new Uint8Array(8 + block.length + certificate.length);
    const offsets = new DataView(out.buffer);
    offsets.setUint32(0, 8, true);
    offsets.setUint32(4, 8 + block.length, true);
    out.set(block, 8);
    out.set(certificate, 8 + block.length);
    return out;
  }

  async certified(height: number): Promise<CertifiedBlock | undefined> {
    const certificate = await this.certificate(height);
    const block = certificate && (await this.block(height));
    return certificate && block && { block, certificate };
  }

  /** The executed block at `height`. @throws ERR_RECORD_MISSING */
  async executed(height: number): Promise<Block> {
    const block = await this.block(height);
    if (!block)
      throw chainError("ERR_RECORD_MISSING", "an executed block is not in the database", { height });
    return block;
  }

  /** Highest height up to which every block has its certificate, searching down from `height`; −1 when none has. */
  async certifiedUpTo(height: number): Promise<number> {
    const stored = await this.#store.get("block", key("h"));
    let certified = stored
      ? Number(new DataView(stored.buffer, stored.byteOffset, 8).getBigUint64(0)) - 1
      : -1;
    for (let walked = 1; certified < height && (await this.certificateBytes(certified + 1)); walked++) {
      certified++;
      // a store may answer at once: timers and sockets get their turn
      if (walked % WALK_SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return certified;
  }

  /** A hint that saves the walk from the first block at the next start. */
  certifiedWrite(height: number): Write {
    const value = new Uint8Array(8);
    new DataView(value.buffer).setBigUint64(0, BigInt(height + 1));
    return { namespace: "block", key: key("h"), value };
  }
}
