import type { Store } from "#node/interface/store.ts";
import { MAX_HEADER_ATTESTATIONS } from "#protocol/params/limits.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { Block } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { SignedAttestation } from "#protocol/types/consensus.ts";
import type { BlockStore } from "../import/block-store.ts";
import type { Importer } from "../import/importer.ts";
import { attestationData } from "./certificate.ts";
import type { CertifiedChain } from "./certified-chain.ts";
import type { AttestationCollector } from "./collector.ts";
import { recordedAttestation } from "./sign.ts";

interface OwnAttestationsOptions {
  store: Store;
  blocks: BlockStore;
  importer: Importer;
  collector: AttestationCollector;
  certified: CertifiedChain;
  committeeOf(epoch: number): Promise<Committee>;
}

/** BLK-ATTEST: our attestations, on their way into headers. */
export class OwnAttestations {
  #options: OwnAttestationsOptions;
  /** no header has carried them yet */
  #waiting: SignedAttestation[] = [];

  constructor(options: OwnAttestationsOptions) {
    this.#options = options;
  }

  /** After a restart: what was signed before and has no certificate is sent again, byte for byte. */
  async resume(): Promise<void> {
    const { store, blocks, importer, collector, certified, committeeOf } = this.#options;
    const { state } = importer;
    for (let height = certified.height + 1; height <= state.height; height++) {
      const block = await blocks.executed(height);
      certified.executed(height, block);
      if (await blocks.certificateBytes(height)) continue;
      const data = attestationData(block, sszRoot(Block, block));
      const own = await recordedAttestation(store, data.epoch, data.index);
      if (own && data.epoch === state.epoch) this.add(own);
      collector.executed(height, await committeeOf(data.epoch), data, own);
    }
    collector.resume(state.epoch, state.blocks);
  }

  /** Recorded, of a block of the current epoch. */
  add(own: SignedAttestation): void {
    this.#waiting.push(own);
  }

  /** What the next header carries. */
  take(): SignedAttestation[] {
    return this.#waiting.splice(0, MAX_HEADER_ATTESTATIONS);
  }

  /** The epoch closed: headers carry no more; what has no certificate yet is sent directly. */
  drop(): void {
    this.#waiting = [];
  }

  /**
   * Attests to blocks that were executed while nothing might be signed: without us they may never be certified. Called as soon as
   * signing may begin, before anything newer is signed: that would close the slots before it (PROT-3).
   */
  async signLate(): Promise<void> {
    const { importer, collector } = this.#options;
    const unsigned = () => collector.waiting().filter(({ own }) => own === undefined);
    for (const own of await importer.attestLate(unsigned)) {
      collector.attested(own);
      if (own.data.epoch === importer.state.epoch) this.add(own);
    }
  }
}
