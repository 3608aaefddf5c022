import type { NodeClient } from "#indexer/sync/node-client.ts";
import type { Head } from "#node/chain/sync/wire.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import { CommitCertificate } from "#protocol/types/consensus.ts";
import { SettlementCertificate } from "#protocol/types/settlement.ts";

/** Blocks asked for at once. */
const AHEAD = 16;
/** Newest blocks of a node that may have no commit certificate yet. */
const UNCERTIFIED = 8;

/** What one node serves of the certified chain, asked by its JSON-RPC. Nothing of it is verified here. */
export class RemoteChain {
  readonly #client: NodeClient;
  readonly #signal: AbortSignal;
  #ahead = new Map<number, Promise<CertifiedBlock | undefined>>();
  #head: Head = { certified: 0, settled: 0 };

  constructor(client: NodeClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** As of the last `refresh`. */
  head(): Head {
    return this.#head;
  }

  /** @throws ERR_NODE_UNREACHABLE, ERR_NODE_RESPONSE */
  async refresh(): Promise<void> {
    const [height, epoch] = await Promise.all([
      this.#client.head(this.#signal),
      this.#client.epoch(this.#signal),
    ]);
    const certified = await this.#certifiedBelow(height + 1);
    const settled = await this.#settledBelow(epoch);
    this.#head = { certified, settled };
  }

  async #certifiedBelow(blocks: number): Promise<number> {
    const { certified } = this.#head;
    for (let count = blocks; count > certified && count > blocks - UNCERTIFIED; count--) {
      if (await this.#client.block(count - 1, this.#signal)) return count;
    }
    return Math.max(certified, blocks - UNCERTIFIED);
  }

  async #settledBelow(epoch: number): Promise<number> {
    const { settled } = this.#head;
    if (epoch <= settled) return settled;
    const last = await this.#client.settlement(epoch - 1, this.#signal);
    return last ? epoch : Math.max(settled, epoch - 1);
  }

  async certifiedBytes(height: number): Promise<Uint8Array | undefined> {
    for (let at = height; at < Math.min(height + AHEAD, this.#head.certified); at++) void this.#ask(at);
    const block = await this.#ask(height);
    this.#ahead.delete(height);
    return block && CertifiedBlock.serialize(block);
  }

  /** of the block at `height` */
  async certificateBytes(height: number): Promise<Uint8Array | undefined> {
    const block = await this.#client.block(height, this.#signal);
    return block && CommitCertificate.serialize(block.certificate);
  }

  async settlementBytes(epoch: number): Promise<Uint8Array | undefined> {
    const certificate = await this.#client.settlement(epoch, this.#signal);
    return certificate && SettlementCertificate.serialize(certificate);
  }

  #ask(height: number): Promise<CertifiedBlock | undefined> {
    const known = this.#ahead.get(height);
    if (known) return known;
    // what is never used again, as another node gave it
    if (this.#ahead.size > 4 * AHEAD) this.#ahead.clear();
    const asked = this.#client.block(height, this.#signal);
    asked.catch(() => this.#ahead.delete(height));
    this.#ahead.set(height, asked);
    return asked;
  }
}
