import { FlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import type { BlockStore } from "../import/block-store.ts";
import type { SettlementStore } from "../settlement/settlement-store.ts";
import {
  BlocksRequest,
  BlocksResponse,
  Head,
  MAX_BLOCKS,
  MAX_BLOCKS_BYTES,
  NumberRequest,
  SYNC_TAG,
} from "./wire.ts";

const NONE = new Uint8Array(0);

export interface SyncServerOptions {
  blocks: Pick<BlockStore, "certifiedBytes" | "certificateBytes">;
  settlements: Pick<SettlementStore, "certificateBytes">;
  head(): Head;
}

/** Answers what peers ask of the certified chain; every answer fits in one message. */
export class SyncServer {
  #options: SyncServerOptions;
  /** the block that was last given in chunks: its asker comes back for the rest */
  #chunked: { height: number; bytes: Uint8Array } | undefined;

  constructor(options: SyncServerOptions) {
    this.#options = options;
  }

  /** @throws ERR_DECODE */
  async answer(tag: number, body: Uint8Array): Promise<Uint8Array> {
    switch (tag) {
      case SYNC_TAG.head:
        return Head.serialize(this.#options.head());
      case SYNC_TAG.blocks:
        return BlocksResponse.serialize(await this.#blocks(decode(BlocksRequest, body)));
      case SYNC_TAG.settlement:
        return (await this.#options.settlements.certificateBytes(decode(NumberRequest, body).number)) ?? NONE;
      case SYNC_TAG.certificate:
        return (await this.#options.blocks.certificateBytes(decode(NumberRequest, body).number)) ?? NONE;
      default:
        throw new FlkError("ERR_DECODE", "no such sync request", { tag });
    }
  }

  async #blocks({ height, offset }: BlocksRequest): Promise<BlocksResponse> {
    const chunked = this.#chunked?.height === height ? this.#chunked.bytes : undefined;
    const first = chunked ?? (await this.#certified(height));
    if (!first) return { total: 0, blocks: [] };
    if (offset > 0 || first.length > MAX_BLOCKS_BYTES) {
      this.#chunked = { height, bytes: first };
      return { total: first.length, blocks: [first.slice(offset, offset + MAX_BLOCKS_BYTES)] };
    }
    const blocks = [first];
    let bytes = first.length;
    while (blocks.length < MAX_BLOCKS) {
      const next = await this.#certified(height + blocks.length);
      // 4 bytes for its offset in the list
      if (!next || bytes + next.length + 4 > MAX_BLOCKS_BYTES) break;
      bytes += next.length + 4;
      blocks.push(next);
    }
    return { total: 0, blocks };
  }

  async #certified(height: number): Promise<Uint8Array | undefined> {
    if (height >= this.#options.head().certified) return undefined;
    return this.#options.blocks.certifiedBytes(height);
  }
}
