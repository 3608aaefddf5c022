import type { Logger } from "#node/interface/logger.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import type { CertifiedBlock } from "#protocol/types/block.ts";
import type { CommitCertificate } from "#protocol/types/consensus.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import { chainError } from "../errors.ts";
import type { SyncFetcher } from "./fetch.ts";
import type { SyncPeers } from "./peers.ts";
import type { Head } from "./wire.ts";

/** What is to be fetched; undefined for what is there, or comes from our own consensus. */
export interface Wanted {
  /** a closed epoch: no block can follow before its certificate is here */
  settlement: number | undefined;
  /** height of an executed block */
  certificate: number | undefined;
  /** height of the next block */
  block: number | undefined;
}

/** What the chain tells the follower, and takes from it. */
export interface FollowerChain {
  connected(): number[];
  wanted(): Wanted;
  /** Verifies and executes the block after the last executed one. Throws what the peer is to blame for. */
  importBlock(block: CertifiedBlock): Promise<void>;
  importCertificate(height: number, certificate: CommitCertificate): Promise<void>;
  importSettlement(certificate: SettlementCertificate): Promise<void>;
  rejected(error: unknown, from: number): void;
}

/** Peers asked for their head in one round. */
const HEAD_POLLS = 3;
/** What a bad answer throws. Every other code is trouble of our own: it ends the round and is no peer's fault. */
const BLAMED = new Set([
  "ERR_REQUEST_TIMEOUT",
  "ERR_REQUEST_REFUSED",
  "ERR_DECODE",
  "ERR_SYNC_RESPONSE",
  "ERR_BLOCK_GAP",
  "ERR_CERTIFICATE_COMMITTEE",
  "ERR_CERTIFICATE_SIGNERS",
  "ERR_CERTIFICATE_POWER",
  "ERR_CERTIFICATE_SIGNATURE",
  "ERR_CERTIFICATE_MISMATCH",
]);
/** The connection broke: that is seen as such. */
const UNREACHABLE = "ERR_PEER_UNREACHABLE";

/** Something that is wanted. */
interface Question {
  has(head: Head): boolean;
  /** of the next block, when blocks are wanted */
  height?: number;
  ask(peer: number): Promise<void>;
  /** it is not wanted any more: the only thing that counts as progress */
  moved(): boolean;
}

/** BLK-FOLLOW: follows the certified chain by asking peers; nothing they say is believed before it is verified (DESIGN §6). */
export class Follower {
  #chain: FollowerChain;
  #fetcher: SyncFetcher;
  #peers: SyncPeers;
  #logger: Logger;

  constructor(chain: FollowerChain, fetcher: SyncFetcher, peers: SyncPeers, logger: Logger) {
    this.#chain = chain;
    this.#fetcher = fetcher;
    this.#peers = peers;
    this.#logger = logger;
  }

  /** Asks some peers how far they are; `news` as each answers. @throws codes of our own trouble only */
  async poll(news: () => void): Promise<void> {
    const asked = this.#peers.any(this.#chain.connected(), HEAD_POLLS);
    await Promise.all(
      asked.map((peer) =>
        this.#try(peer, async () => {
          const { head, ms } = await this.#fetcher.head(peer);
          this.#peers.note(peer, head, ms);
          news();
        }),
      ),
    );
  }

  /** One round: fetches while that brings us on. @throws codes of our own trouble only */
  async round(): Promise<void> {
    while (await this.#step()) {
      // each step made progress
    }
  }

  async #step(): Promise<boolean> {
    const { settlement, certificate, block } = this.#chain.wanted();
    const got = [
      certificate !== undefined && (await this.#fetchCertificate(certificate)),
      settlement !== undefined && (await this.#fetchSettlement(settlement)),
      block !== undefined && (await this.#fetchBlocks(block)),
    ];
    return got.includes(true);
  }

  #fetchSettlement(epoch: number): Promise<boolean> {
    return this.#fromAny({
      has: (head) => head.settled > epoch,
      ask: async (peer) => {
        const certificate = await this.#fetcher.settlement(peer, epoch);
        if (certificate) await this.#chain.importSettlement(certificate);
      },
      moved: () => this.#chain.wanted().settlement !== epoch,
    });
  }

  #fetchCertificate(height: number): Promise<boolean> {
    return this.#fromAny({
      has: (head) => head.certified > height,
      ask: async (peer) => {
        const certificate = await this.#fetcher.certificate(peer, height);
        if (certificate) await this.#chain.importCertificate(height, certificate);
      },
      moved: () => this.#chain.wanted().certificate !== height,
    });
  }

  #fetchBlocks(height: number): Promise<boolean> {
    return this.#fromAny({
      has: (head) => head.certified > height,
      height,
      ask: async (peer) => {
        const missing = this.#peers.missing(this.#chain.connected(), height);
        const { blocks, bytes, ms } = await this.#fetcher.blocks(peer, height);
        for (const block of blocks) {
          await this.#chain.importBlock(block);
          // an epoch that closed: its settlement comes first
          if (this.#chain.wanted().settlement !== undefined) return;
        }
        this.#peers.gave(peer, { missing, blocks: blocks.length, bytes, ms });
      },
      moved: () => this.#chain.wanted().block !== height,
    });
  }

  /** Asks peers in turn until what is wanted is here; who says that it has it and gives something else is to blame. */
  async #fromAny({ has, height, ask, moved }: Question): Promise<boolean> {
    for (const peer of this.#peers.having(this.#chain.connected(), has, height)) {
      const helped = await this.#try(peer, async () => {
        await ask(peer);
        if (!moved())
          throw chainError("ERR_SYNC_RESPONSE", "the peer did not give what it says it has", { peer });
        return true;
      });
      if (helped) this.#peers.praise(peer);
      // ours by now, whoever gave it
      if (helped || moved()) return true;
    }
    return false;
  }

  async #try<T>(peer: number, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      const code = errorCode(error);
      if (code === UNREACHABLE) return undefined;
      if (!isFlkError(error) || !BLAMED.has(code)) throw error;
      this.#peers.blame(peer);
      this.#chain.rejected(error, peer);
      this.#logger.warn("a peer gave a bad answer", { peer, code, reason: error.message });
      return undefined;
    }
  }
}
