import type { FlkError } from "#protocol/errors/error.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { decode } from "#protocol/types/codec.ts";
import { CommitCertificate } from "#protocol/types/consensus.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";
import type { ChannelMux } from "../channel-mux.ts";
import { chainError } from "../errors.ts";
import type { SyncPeers } from "./peers.ts";
import { BlocksRequest, BlocksResponse, Head, MAX_BLOCKS_BYTES, NumberRequest, SYNC_TAG } from "./wire.ts";

/** No honest block is larger: a bound on what one peer can make us keep. */
const MAX_CERTIFIED_BLOCK_BYTES = 512 * 1024 * 1024;

/** An answer with blocks. */
export interface Blocks {
  blocks: CertifiedBlock[];
  /** of all blocks */
  bytes: number;
  /** until all were there */
  ms: number;
}

interface Whole {
  bytes: Uint8Array;
  ms: number;
}

/**
 * Asks one peer. Answers are parsed, not verified.
 * All throw ERR_PEER_UNREACHABLE, ERR_REQUEST_TIMEOUT, ERR_REQUEST_REFUSED, ERR_DECODE, ERR_SYNC_RESPONSE.
 */
export class SyncFetcher {
  #mux: ChannelMux;
  #signal: AbortSignal;
  #peers: Pick<SyncPeers, "asks">;

  /** `mux`: of channel "sync" */
  constructor(mux: ChannelMux, signal: AbortSignal, peers: Pick<SyncPeers, "asks">) {
    this.#mux = mux;
    this.#signal = signal;
    this.#peers = peers;
  }

  async head(peer: number): Promise<{ head: Head; ms: number }> {
    const { answer, ms } = await this.#ask(peer, SYNC_TAG.head, new Uint8Array(0));
    return { head: decode(Head, answer), ms };
  }

  async settlement(peer: number, epoch: number): Promise<SettlementCertificate | undefined> {
    const { answer } = await this.#ask(peer, SYNC_TAG.settlement, NumberRequest.serialize({ number: epoch }));
    return answer.length === 0 ? undefined : decode(SettlementCertificate, answer);
  }

  async certificate(peer: number, height: number): Promise<CommitCertificate | undefined> {
    const { answer } = await this.#ask(
      peer,
      SYNC_TAG.certificate,
      NumberRequest.serialize({ number: height }),
    );
    return answer.length === 0 ? undefined : decode(CommitCertificate, answer);
  }

  /** Blocks from `height` on: none when the peer has none, else at least one. */
  async blocks(peer: number, height: number): Promise<Blocks> {
    const { response, ms } = await this.#blocksAt(peer, height, 0);
    const whole = response.total === 0 ? undefined : await this.#whole(peer, height, response, ms);
    const got = whole ? [whole.bytes] : response.blocks;
    return {
      blocks: got.map((bytes) => decode(CertifiedBlock, bytes)),
      bytes: got.reduce((sum, { length }) => sum + length, 0),
      ms: whole?.ms ?? ms,
    };
  }

  async #whole(peer: number, height: number, first: BlocksResponse, firstMs: number): Promise<Whole> {
    let ms = firstMs;
    if (first.total > MAX_CERTIFIED_BLOCK_BYTES) throw badResponse(peer, "a block that is too large");
    const chunks: Uint8Array[] = [];
    let got = 0;
    for (let part = first; ; ) {
      const chunk = part.blocks[0];
      // full chunks only: a whole block takes no more requests than it must
      const least = Math.min(MAX_BLOCKS_BYTES, first.total - got);
      if (part.blocks.length !== 1 || !chunk || chunk.length < least || part.total !== first.total) {
        throw badResponse(peer, "a chunk that does not continue the block");
      }
      chunks.push(chunk);
      got += chunk.length;
      if (got > first.total) throw badResponse(peer, "more bytes than the block has");
      if (got === first.total) break;
      const next = await this.#blocksAt(peer, height, got);
      part = next.response;
      ms += next.ms;
    }
    const whole = new Uint8Array(got);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return { bytes: whole, ms };
  }

  async #blocksAt(peer: number, height: number, offset: number) {
    const request = BlocksRequest.serialize({ height, offset });
    const { answer, ms } = await this.#ask(peer, SYNC_TAG.blocks, request);
    return { response: decode(BlocksResponse, answer), ms };
  }

  async #ask(peer: number, tag: number, body: Uint8Array): Promise<{ answer: Uint8Array; ms: number }> {
    const asked = this.#peers.asks(peer);
    const { timeoutMs } = asked;
    const answer = await this.#mux.request(peer, tag, body, { timeoutMs, signal: this.#signal });
    return { answer, ms: asked.ms() };
  }
}

function badResponse(peer: number, what: string): FlkError {
  return chainError("ERR_SYNC_RESPONSE", `the peer sent ${what}`, { peer });
}
