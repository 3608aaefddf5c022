import type { Logger } from "#node/interface/logger.ts";
import type { Store } from "#node/interface/store.ts";
import type { Block, CertifiedBlock } from "#protocol/types/block.ts";
import type { CommitCertificate } from "#protocol/types/consensus.ts";
import type { BlockStore } from "../import/block-store.ts";
import { tellAll } from "../support/handlers.ts";
import { Serial } from "../support/serial.ts";

export interface CertifiedChainOptions {
  store: Store;
  blocks: BlockStore;
  logger: Logger;
  /** The certified height rose. */
  advanced(height: number): void;
}

/** Blocks after which a node that follows notes how far it got: the next start walks from there. */
const HINT_EVERY = 256;

/** BLK-CHAIN: stores commit certificates and tells of certified blocks strictly in order of height. */
export class CertifiedChain {
  readonly handlers: Set<(block: CertifiedBlock) => void> = new Set();
  #options: CertifiedChainOptions;
  #serial = new Serial();
  #height = -1;
  /** executed blocks whose certificate has not come: spares reading them back */
  #recent = new Map<number, Block>();

  constructor(options: CertifiedChainOptions) {
    this.#options = options;
  }

  /** Last height up to which every block has its certificate; −1 before the first. */
  get height(): number {
    return this.#height;
  }

  /** `executed`: height of the last executed block. */
  async load(executed: number): Promise<void> {
    this.#height = await this.#options.blocks.certifiedUpTo(executed);
  }

  executed(height: number, block: Block): void {
    this.#recent.set(height, block);
  }

  /** `stored`: the certificate is on disk already. */
  add(height: number, certificate: CommitCertificate, stored: boolean): Promise<void> {
    return this.#serial.run(async () => {
      const { store, blocks } = this.#options;
      const before = this.#height;
      if (!stored) {
        await store.write([blocks.certificateWrite(height, certificate), blocks.certifiedWrite(before)]);
      }
      while (await this.#next()) {
        // tells of one block after another
      }
      const passed = Math.floor((this.#height + 1) / HINT_EVERY) > Math.floor((before + 1) / HINT_EVERY);
      if (stored && passed) await store.write([blocks.certifiedWrite(this.#height)]);
      if (this.#height > before) this.#options.advanced(this.#height);
    });
  }

  idle(): Promise<void> {
    return this.#serial.idle();
  }

  async #next(): Promise<boolean> {
    const { blocks } = this.#options;
    const height = this.#height + 1;
    const certificate = await blocks.certificate(height);
    const block = certificate && (this.#recent.get(height) ?? (await blocks.block(height)));
    if (!certificate || !block) return false;
    this.#height = height;
    this.#recent.delete(height);
    tellAll(this.handlers, { block, certificate }, this.#options.logger);
    return true;
  }
}
