import { key } from "#node/consensus/records.ts";
import type { SigningGuard } from "#node/interface/consensus.ts";
import type { ConsensusSigner, ConsensusVerifier, SignatureVerifier } from "#node/interface/crypto.ts";
import type { L2Reader } from "#node/interface/l2.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { type BlockContext, type ClosedEpoch, executeBlock, nextL2View } from "#node/transition/execute.ts";
import { State } from "#node/transition/state.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { type Block, BlockInput, type CertifiedBlock } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type {
  AttestationData,
  CommitCertificate,
  SettlementShare,
  SignedAttestation,
} from "#protocol/types/consensus.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { assertCertified, attestationData } from "../attestation/certificate.ts";
import { signAttestation } from "../attestation/sign.ts";
import { chainError } from "../errors.ts";
import type { OwnShares } from "../protection/own-shares.ts";
import type { ClosedRecord } from "../settlement/closed-record.ts";
import type { SettlementStore } from "../settlement/settlement-store.ts";
import { signSettlement } from "../settlement/share.ts";
import { Serial } from "../support/serial.ts";
import { signerFor } from "../support/signer.ts";
import type { BlockStore } from "./block-store.ts";

/** A block that was executed and is on disk. */
export interface ExecutedBlock {
  height: number;
  block: Block;
  data: AttestationData;
  /** of the block's epoch */
  committee: Committee;
  /** L2 events that the block applied */
  events: L2Event[];
  own: SignedAttestation | undefined;
  /** present when it came certified */
  certificate: CommitCertificate | undefined;
  closed: { record: ClosedRecord; share: SettlementShare | undefined } | undefined;
}

export interface ImporterOptions {
  context: NetworkContext;
  self: number;
  signers: readonly ConsensusSigner[];
  verifier: ConsensusVerifier;
  /** of transactions; all are checked with the curves when absent */
  signatures?: SignatureVerifier | undefined;
  store: Store;
  blocks: BlockStore;
  settlements: SettlementStore;
  l2: L2Reader;
  /** ends waiting for the L2 */
  signal: AbortSignal;
  guard: SigningGuard;
  ownShares: OwnShares;
  /** Writes that belong to the block's batch. */
  blockWrites(block: Block): Write[];
  /** After the batch is on disk, before the next block. */
  executed(block: ExecutedBlock): Promise<void>;
}

const GENESIS_KEY = key("g");

/** BLK-ATOMIC: owns the state: the only place that executes blocks, one at a time, each in one atomic synced batch (DESIGN §6). */
export class Importer {
  #options: ImporterOptions;
  #serial = new Serial();
  #state: State | undefined;
  /** of the epoch that was asked for last: every block needs it */
  #opening: { epoch: number; digest: Uint8Array } | undefined;
  #genesis: Uint8Array = new Uint8Array(32);
  #failure: unknown;
  #latest: Committee | undefined;

  constructor(options: ImporterOptions) {
    this.#options = options;
  }

  /** @throws ERR_NOT_STARTED before `load` */
  get state(): State {
    if (!this.#state) throw chainError("ERR_NOT_STARTED", "the chain has not started", {});
    return this.#state;
  }

  /** Whether the node ran before: the database has a genesis. */
  async ran(): Promise<boolean> {
    return (await this.#options.store.get("meta", GENESIS_KEY)) !== undefined;
  }

  /**
   * Continues where the last batch left the database, or makes the genesis from the L2, which it waits for.
   * @throws ERR_WRONG_NETWORK, ERR_STATE_RECORDS, ERR_ABORTED
   */
  async load(): Promise<void> {
    const { context, store, l2, signal } = this.#options;
    const stored = await store.get("meta", GENESIS_KEY);
    if (stored) {
      if (!equalBytes(stored.subarray(0, 32), context.networkId)) {
        throw chainError("ERR_WRONG_NETWORK", "the database belongs to another network");
      }
      this.#genesis = stored.slice(32);
      const records: [Uint8Array, Uint8Array][] = [];
      for await (const record of store.iterate("state")) records.push(record);
      this.#state = State.load(context, records);
      return;
    }
    const genesis = await l2.genesis(signal);
    const events = await l2.events(0, genesis.checkpoint, signal);
    const state = State.genesis(context, genesis, events);
    const value = new Uint8Array(32 + genesis.digest.length);
    value.set(context.networkId);
    value.set(genesis.digest, 32);
    await store.write([...state.takeWrites(), { namespace: "meta", key: GENESIS_KEY, value }]);
    this.#genesis = genesis.digest;
    this.#state = state;
  }

  /** Settlement digest of the epoch before, or the genesis digest. @throws ERR_RECORD_MISSING */
  async opening(epoch: number): Promise<Uint8Array> {
    if (epoch === 0) return this.#genesis;
    const known = this.#opening;
    if (known?.epoch === epoch) return known.digest;
    const closed = await this.#options.settlements.closed(epoch - 1);
    if (!closed) throw chainError("ERR_RECORD_MISSING", "a closed epoch is not in the database", { epoch });
    const digest = settlementDigest(closed.settlement);
    this.#opening = { epoch, digest };
    return digest;
  }

  /**
   * The committee of the block that was executed last, or is being written: the state is ahead of the disk while the
   * closing block of an epoch is on its way there.
   */
  get latestCommittee(): Committee | undefined {
    return this.#latest;
  }

  /** Whether a consensus key of ours holds a seat. */
  isMember(committee: Committee): boolean {
    return this.signer(committee) !== undefined;
  }

  /** The key of ours that signs in `committee`. */
  signer(committee: Committee): ConsensusSigner | undefined {
    const { signers, self } = this.#options;
    return signerFor(signers, committee, self);
  }

  /**
   * Executes what consensus ordered; a block that was executed before only moves the cursor.
   * @throws ERR_BLOCK_GAP, ERR_STATE_DIVERGED, ERR_DOUBLE_SIGN, ERR_L2_FORK, ERR_STORE: the node must stop; ERR_ABORTED
   */
  commit(input: BlockInput, cursor: Write[]): Promise<{ closed: boolean }> {
    return this.#serial.run(async () => {
      this.#assertSound();
      const { state } = this;
      if (input.epoch < state.epoch || (input.epoch === state.epoch && input.index < state.blocks)) {
        await this.#assertSameInput(input);
        await this.#options.store.write(cursor);
        return { closed: input.epoch < state.epoch };
      }
      const executed = await this.#execute(input, cursor, undefined);
      return { closed: executed.closed !== undefined };
    });
  }

  /**
   * Executes the certified block after the last one; blocks that were executed before are ignored.
   * @throws ERR_BLOCK_GAP, ERR_CERTIFICATE_* (the sender's fault), ERR_STATE_DIVERGED (the node must stop)
   */
  importBlock(certified: CertifiedBlock): Promise<void> {
    return this.#serial.run(async () => {
      this.#assertSound();
      const { state } = this;
      const { input, previous } = certified.block;
      if (input.epoch < state.epoch || (input.epoch === state.epoch && input.index < state.blocks)) return;
      const expected = input.index === 0 ? await this.opening(state.epoch) : state.blockRoot;
      if (input.epoch !== state.epoch || input.index !== state.blocks || !equalBytes(previous, expected)) {
        throw chainError("ERR_BLOCK_GAP", "the block does not follow the last executed one", {
          epoch: input.epoch,
          index: input.index,
        });
      }
      const committee = state.committee();
      assertCertified(this.#options.context.networkId, this.#options.verifier, committee, certified);
      this.#options.ownShares.attestation(committee, certified.certificate);
      await this.#execute(input, [], certified.certificate);
    });
  }

  /** Resolves when no block is being executed. */
  idle(): Promise<void> {
    return this.#serial.idle();
  }

  async #execute(
    input: BlockInput,
    cursor: Write[],
    certificate: CommitCertificate | undefined,
  ): Promise<ExecutedBlock> {
    const { l2, signal } = this.#options;
    const { state } = this;
    await this.#assertFollows(input);
    const view = nextL2View(state, input);
    const after = state.l2View.number;
    const events = view.number > after ? await l2.events(after, view, signal) : [];
    const opening = await this.opening(state.epoch);
    try {
      return await this.#apply(input, { opening, view, events }, cursor, certificate);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** From here on the state in memory is ahead of the disk: a failure is final. */
  async #apply(
    input: BlockInput,
    context: BlockContext,
    cursor: Write[],
    certificate: CommitCertificate | undefined,
  ): Promise<ExecutedBlock> {
    const { store, blocks, executed: done, signatures } = this.#options;
    const { state } = this;
    const committee = state.committee();
    this.#latest = committee;
    const { seed } = state;
    const { block, closed } = executeBlock(state, input, { ...context, signatures });
    const data = attestationData(block, state.blockRoot);
    assertAgrees(data, certificate);
    const { height } = state;
    const signed = await this.#sign(committee, data, certificate === undefined);
    const closing = closed && (await this.#close(closed, seed));
    const own = signed?.attestation;
    const executed = {
      height,
      block,
      data,
      committee,
      events: context.events,
      own,
      certificate,
      closed: closing,
    };
    await store.write([
      ...(signed?.writes ?? []),
      ...(closing?.writes ?? []),
      ...state.takeWrites(),
      ...(await blocks.writes(height, block)),
      ...(certificate ? [blocks.certificateWrite(height, certificate)] : []),
      ...this.#options.blockWrites(block),
      ...cursor,
    ]);
    await done(executed);
    return executed;
  }

  #assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** EPO-OPEN */
  async #assertFollows(input: BlockInput): Promise<void> {
    const { state } = this;
    const follows = input.epoch === state.epoch && input.index === state.blocks;
    const opened =
      input.index > 0 ||
      input.epoch === 0 ||
      (await this.#options.settlements.certificateBytes(input.epoch - 1)) !== undefined;
    if (follows && opened) return;
    throw chainError("ERR_BLOCK_GAP", "the block does not follow what was executed and settled", {
      epoch: input.epoch,
      index: input.index,
      expectedEpoch: state.epoch,
      expectedIndex: state.blocks,
    });
  }

  /** BLK-AGAIN: consensus emits again what it had not recorded as executed: it must be what was executed. */
  async #assertSameInput(input: BlockInput): Promise<void> {
    const { state } = this;
    if (input.epoch !== state.epoch) return;
    const height = state.height - (state.blocks - 1 - input.index);
    const known = await this.#options.blocks.executed(height);
    if (equalBytes(BlockInput.serialize(known.input), BlockInput.serialize(input))) return;
    throw chainError("ERR_STATE_DIVERGED", "consensus ordered another block than the certified one", {
      epoch: input.epoch,
      index: input.index,
    });
  }

  async #sign(committee: Committee, data: AttestationData, wanted: boolean) {
    const { store, context, self, guard } = this.#options;
    const signer = wanted && guard.cleared ? this.signer(committee) : undefined;
    if (!signer) return undefined;
    return signAttestation(store, context.networkId, signer, self, data);
  }

  /**
   * Our attestations of blocks that were executed without one, recorded; none for those of which we may give none. `blocks` in ascending
   * order, asked once no block is being executed.
   */
  attestLate(
    blocks: () => readonly { committee: Committee; data: AttestationData }[],
  ): Promise<SignedAttestation[]> {
    return this.#serial.run(async () => {
      const attestations: SignedAttestation[] = [];
      for (const { committee, data } of blocks()) {
        const signed = await this.#sign(committee, data, true);
        if (!signed) continue;
        if (signed.writes.length > 0) await this.#options.store.write(signed.writes);
        attestations.push(signed.attestation);
      }
      return attestations;
    });
  }

  async #close(closed: ClosedEpoch, seed: Uint8Array) {
    const { settlement, committee, nextCommittee, report } = closed;
    const { settlements, guard } = this.#options;
    const record: ClosedRecord = { settlement, committee, nextCommittee, seed, nextSeed: closed.seed };
    const signed = guard.cleared ? await this.#signSettlement(record) : undefined;
    const writes = [...(signed?.writes ?? []), ...settlements.closedWrites(record, report)];
    return { record, share: signed?.share, writes };
  }

  /** Our share of a closed epoch, recorded; undefined when we have none to give. */
  async signClosed(record: ClosedRecord): Promise<SettlementShare | undefined> {
    const signed = await this.#signSettlement(record);
    if (signed && signed.writes.length > 0) await this.#options.store.write(signed.writes);
    return signed?.share;
  }

  async #signSettlement({ settlement, committee }: ClosedRecord) {
    const { store, context, self } = this.#options;
    const signer = this.signer(committee);
    return signer && signSettlement(store, context.networkId, signer, self, settlement);
  }
}

function assertAgrees(data: AttestationData, certificate: CommitCertificate | undefined): void {
  if (!certificate) return;
  if (
    equalBytes(data.blockRoot, certificate.data.blockRoot) &&
    equalBytes(data.stateRoot, certificate.data.stateRoot)
  ) {
    return;
  }
  throw chainError("ERR_STATE_DIVERGED", "2f+1 certified another result of this block than ours", {
    epoch: data.epoch,
    index: data.index,
  });
}
