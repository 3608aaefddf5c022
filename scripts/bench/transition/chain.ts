import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlockStore } from "#node/chain/import/block-store.ts";
import { Importer } from "#node/chain/import/importer.ts";
import { Doppelganger } from "#node/chain/protection/doppelganger.ts";
import { OwnShares } from "#node/chain/protection/own-shares.ts";
import { SettlementStore } from "#node/chain/settlement/settlement-store.ts";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { systemClock } from "#node/network/system-clock.ts";
import { openStore } from "#node/store/level-store.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { FlkError } from "#protocol/errors/error.ts";
import type { Receipt } from "#protocol/types/block.ts";
import { CONTEXT, standingL2 } from "../support/network.ts";
import { SILENT } from "../support/silent.ts";

const START = 1_800_000_000_000;
const NOWHERE = "/ip4/127.0.0.1/tcp/1";

/** A node's database and the production importer over it, fed with blocks by hand; it holds no key. */
export class BenchChain {
  readonly #importer: Importer;
  /** of the last block */
  readonly #last: { receipts: Receipt[] };
  readonly #close: () => Promise<void>;

  private constructor(importer: Importer, last: { receipts: Receipt[] }, close: () => Promise<void>) {
    this.#importer = importer;
    this.#last = last;
    this.#close = close;
  }

  static async open(
    nodes: number,
    accounts: readonly Uint8Array[],
    signatures: SignatureVerifier,
  ): Promise<BenchChain> {
    const dir = await mkdtemp(join(tmpdir(), "flk-bench-"));
    const store = await openStore({ dataDir: join(dir, "data"), protectionDir: join(dir, "protection") });
    const guard = new Doppelganger(store, systemClock, SILENT, undefined);
    const last = { receipts: [] as Receipt[] };
    const importer = new Importer({
      ...{ context: CONTEXT, self: 0, signers: [], verifier: blsVerifier, signatures, store, guard },
      blocks: new BlockStore(store),
      settlements: new SettlementStore(store),
      l2: standingL2({ endpoints: new Array(nodes).fill(NOWHERE), accounts, startTime: START }),
      signal: new AbortController().signal,
      ownShares: new OwnShares(guard, CONTEXT.networkId, 0, () => false),
      blockWrites: () => [],
      executed: async ({ block }) => {
        last.receipts = block.receipts;
      },
    });
    const close = async () => {
      await store.stop();
      await rm(dir, { recursive: true, force: true });
    };
    try {
      await importer.load();
      return new BenchChain(importer, last, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  /**
   * Executes a block of `transactions` and writes it, synced; ms it took.
   * @throws ERR_BENCH_BLOCK when not all of them did what they should
   */
  async block(transactions: Uint8Array[]): Promise<number> {
    const { state } = this.#importer;
    const input = {
      ...{ epoch: state.epoch, index: state.blocks, anchorRound: 2 * state.blocks + 2, anchorAuthor: 1 },
      ...{ anchor: new Uint8Array(32), time: state.time + 100, beacon: new Uint8Array(96) },
      ...{ reports: [], transactions },
    };
    const start = performance.now();
    await this.#importer.commit(input, []);
    const ms = performance.now() - start;
    const { receipts } = this.#last;
    if (receipts.length === transactions.length && receipts.every(isWhole)) return ms;
    throw new FlkError("ERR_BENCH_BLOCK", "a block did not apply all of its transactions");
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** "OK" is the first code of both. */
function isWhole({ status, ackStatus }: Receipt): boolean {
  return status === 0 && ackStatus.every((code) => code === 0);
}
