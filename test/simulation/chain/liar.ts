import { BATCH_TAG } from "#node/chain/narwhal/worker.ts";
import { BlocksResponse, Head, SYNC_TAG } from "#node/chain/sync/wire.ts";
import type { Channel } from "#node/interface/network.ts";
import { CertifiedBlock } from "#protocol/types/block.ts";
import type { Rng } from "#scripts/bench/support/rng.ts";

/** Makes false answers of the honest ones that a server has for those who catch up. */
export class Liar {
  #rng: Rng;
  /** answers that were given before, by what was asked for */
  #before = new Map<string, Uint8Array[]>();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** Whether the answer tells of what the server has: an acknowledgement does not. */
  static answers(channel: Channel, tag: number | undefined): boolean {
    return channel === "sync" || (channel === "batch" && tag === BATCH_TAG.fetch);
  }

  /** Another answer in the place of `honest`. */
  answer(channel: Channel, tag: number | undefined, honest: Uint8Array): Uint8Array {
    const about = `${channel} ${tag}`;
    const before = this.#before.get(about) ?? [];
    this.#before.set(about, [...before.slice(-7), honest]);
    switch (this.#rng.int(0, 3)) {
      case 0:
        return this.#truncated(honest);
      case 1:
        return before[this.#rng.int(0, before.length - 1)] ?? this.#altered(honest);
      case 2:
        return channel === "sync" ? this.#forged(tag, honest) : this.#altered(honest);
      default:
        return this.#altered(honest);
    }
  }

  #truncated(honest: Uint8Array): Uint8Array {
    return honest.slice(0, this.#rng.int(0, Math.max(0, honest.length - 1)));
  }

  /** One byte is another one, wherever it is: a root, an amount, a signature, the digest of a parent. */
  #altered(honest: Uint8Array): Uint8Array {
    const altered = new Uint8Array(honest);
    const at = this.#rng.int(0, honest.length - 1);
    if (honest.length > 0) altered[at] = (honest[at] ?? 0) ^ this.#rng.int(1, 255);
    return altered;
  }

  #forged(tag: number | undefined, honest: Uint8Array): Uint8Array {
    switch (tag) {
      case SYNC_TAG.head:
        return Head.serialize({ certified: this.#rng.int(0, 10_000), settled: this.#rng.int(0, 100) });
      case SYNC_TAG.blocks:
        return this.#forgedBlocks(honest);
      default:
        return this.#altered(honest);
    }
  }

  /** Blocks that are well formed, with another result, other transactions or the certificate of their neighbour. */
  #forgedBlocks(honest: Uint8Array): Uint8Array {
    const { total, blocks } = BlocksResponse.deserialize(honest);
    if (total > 0 || blocks.length === 0) return this.#altered(honest);
    const certified = blocks.map((bytes) => CertifiedBlock.deserialize(bytes));
    const at = this.#rng.int(0, certified.length - 1);
    const { block, certificate } = certified[at] as CertifiedBlock;
    const { input } = block;
    const forgeries: CertifiedBlock[] = [
      { block: { ...block, stateRoot: block.stateRoot.map((byte) => byte ^ 0xff) }, certificate },
      { block: { ...block, input: { ...input, transactions: input.transactions.slice(1) } }, certificate },
      { block: { ...block, input: { ...input, time: input.time + 1 } }, certificate },
      { block, certificate: certified[at === 0 ? certified.length - 1 : at - 1]?.certificate ?? certificate },
    ];
    certified[at] = forgeries[this.#rng.int(0, forgeries.length - 1)] as CertifiedBlock;
    return BlocksResponse.serialize({ total, blocks: certified.map((one) => CertifiedBlock.serialize(one)) });
  }
}
