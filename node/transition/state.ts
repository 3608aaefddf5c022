import { ByteVectorType, ContainerType } from "@chainsafe/ssz";
import type {
  AccountView,
  DelegateView,
  NodeView,
  ReservationView,
  ServiceView,
  SessionView,
} from "#node/interface/chain-view.ts";
import type { Genesis } from "#node/interface/l2.ts";
import type { Write } from "#node/interface/store.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { taggedDigest } from "#protocol/digests/ssz-digest.ts";
import { isParameterKey } from "#protocol/params/keys.ts";
import { GRANT_EPOCHS, MAX_ACCOUNTS, MAX_NODES, MAX_SERVICES } from "#protocol/params/limits.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { Committee } from "#protocol/types/committee.ts";
import type { L2Checkpoint } from "#protocol/types/consensus.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { transitionError } from "./errors.ts";
import { initializeGenesis } from "./genesis.ts";
import {
  AccountRecord,
  DelegateRecord,
  EligibleNodes,
  Head,
  LaneCountRecord,
  LaneRecord,
  MAX_DELEGATES,
  MAX_LANES,
  MAX_PARAMETERS,
  MAX_RESERVATIONS,
  MAX_SESSIONS,
  MAX_WORK,
  Meta,
  NodeRecord,
  ParameterRecord,
  PendingGrants,
  PendingReports,
  ReservationRecord,
  ServiceRecord,
  SessionRecord,
  type StateRecord,
  WorkRecord,
} from "./records.ts";
import { ReputationTables } from "./reputation-tables.ts";
import { Cell, EpochTables, groupRecords, Table } from "./table.ts";
import { TAG } from "./tags.ts";
import { asciiToBytes32, keyOf, nodeKey } from "./values.ts";
import { accountView, nodeView, serviceView, sessionView } from "./views.ts";

const Root = new ByteVectorType(32);
type RootField = keyof StateRecord;
/** A container has the root of the container of its fields' roots; the order is that of `StateRecord`. */
const StateRoots = new ContainerType({
  meta: Root,
  committee: Root,
  eligible: Root,
  reports: Root,
  accounts: Root,
  sessions: Root,
  nodes: Root,
  services: Root,
  parameters: Root,
  lanes: Root,
  previousLanes: Root,
  laneCounts: Root,
  previousLaneCounts: Root,
  work: Root,
  reservations: Root,
  previousReservations: Root,
  grants: Root,
  ring: Root,
  peerReports: Root,
  standings: Root,
  delegates: Root,
  previousDelegates: Root,
} satisfies Record<RootField, typeof Root>);

/** Record keys of the known parameters, which every transaction asks for. */
const parameterKeys = new Map<string, string>();

/**
 * The executed state: tables in memory that know their roots and what changed. Money is in micro-USD (stable) and wei
 * (FLK). Only node/transition changes it, by `executeBlock`.
 */
export class State {
  readonly network: NetworkContext;
  readonly head = new Cell(TAG.head, Head);
  readonly meta = new Cell(TAG.meta, Meta);
  readonly members = new Cell(TAG.committee, Committee);
  readonly eligible = new Cell(TAG.eligible, EligibleNodes);
  readonly reports = new Cell(TAG.reports, PendingReports);
  readonly accounts = new Table<AccountRecord>(TAG.accounts, AccountRecord, MAX_ACCOUNTS, (r) =>
    keyOf(r.account),
  );
  readonly sessions = new Table<SessionRecord>(TAG.sessions, SessionRecord, MAX_SESSIONS, (r) =>
    keyOf(r.account, r.key),
  );
  readonly nodeTable = new Table<NodeRecord>(TAG.nodes, NodeRecord, MAX_NODES, (r) => String(r.nodeId));
  readonly serviceTable = new Table<ServiceRecord>(TAG.services, ServiceRecord, MAX_SERVICES, (r) =>
    String(r.serviceId),
  );
  readonly parameters = new Table<ParameterRecord>(TAG.parameters, ParameterRecord, MAX_PARAMETERS, (r) =>
    keyOf(r.key),
  );
  readonly reputation = new ReputationTables(TAG);
  readonly work = new Table<WorkRecord>(TAG.work, WorkRecord, MAX_WORK, workKey);
  /** by epoch modulo their number, so that the close of an epoch replaces what waited the longest */
  readonly grants = new Table<PendingGrants>(TAG.grants, PendingGrants, GRANT_EPOCHS, (r) =>
    String(r.epoch % GRANT_EPOCHS),
  );
  readonly #lanes = new EpochTables<LaneRecord>([TAG.lanesEven, TAG.lanesOdd], LaneRecord, MAX_LANES, (r) =>
    keyOf(r.id),
  );
  readonly #laneCounts = new EpochTables<LaneCountRecord>(
    [TAG.laneCountsEven, TAG.laneCountsOdd],
    LaneCountRecord,
    MAX_LANES,
    nodeKey,
  );
  readonly #reservations = new EpochTables<ReservationRecord>(
    [TAG.reservationsEven, TAG.reservationsOdd],
    ReservationRecord,
    MAX_RESERVATIONS,
    nodeKey,
  );
  readonly #delegates = new EpochTables<DelegateRecord>(
    [TAG.delegatesEven, TAG.delegatesOdd],
    DelegateRecord,
    MAX_DELEGATES,
    (r) => keyOf(r.account, r.subkey),
  );

  private constructor(network: NetworkContext) {
    this.network = network;
  }

  /**
   * The state before block 0. `events`: every L2 event up to and including the genesis checkpoint, all in effect at once.
   * @throws ERR_GENESIS_PARAMETER when one is missing, ERR_GENESIS_COMMITTEE when a member is not registered with its key
   */
  static genesis(network: NetworkContext, genesis: Genesis, events: L2Event[]): State {
    const state = new State(network);
    initializeGenesis(state, genesis, events);
    return state;
  }

  /**
   * From all records that `takeWrites` ever gave and did not delete, in any order.
   * @throws ERR_STATE_RECORDS when they are not what the last block left, ERR_STATE_NETWORK
   */
  static load(network: NetworkContext, records: Iterable<[Uint8Array, Uint8Array]>): State {
    const state = new State(network);
    const groups = groupRecords(records);
    for (const [tag, part] of state.#parts()) {
      part.load(groups.get(tag) ?? new Map());
      groups.delete(tag);
    }
    const [unknown] = groups.keys();
    if (unknown !== undefined) {
      throw transitionError("ERR_STATE_RECORDS", "a state record is of no table", { table: unknown });
    }
    if (!equalBytes(state.meta.value.networkId, network.networkId)) {
      throw transitionError("ERR_STATE_NETWORK", "this state belongs to another network");
    }
    const { blockRoot, stateRoot, check } = state.head.value;
    const intact = equalBytes(check, headCheck(network, blockRoot, stateRoot));
    if (!intact || !equalBytes(state.root(), stateRoot)) {
      throw transitionError("ERR_STATE_RECORDS", "the records do not have the root of the last block", {
        height: state.height,
      });
    }
    return state;
  }

  /** 32 bytes: the SSZ hashTreeRoot of `StateRecord`. Costs O(changes · log n) since the last call. */
  root(): Uint8Array {
    return StateRoots.hashTreeRoot({
      meta: this.meta.root(),
      committee: this.members.root(),
      eligible: this.eligible.root(),
      reports: this.reports.root(),
      accounts: this.accounts.root(),
      sessions: this.sessions.root(),
      nodes: this.nodeTable.root(),
      services: this.serviceTable.root(),
      parameters: this.parameters.root(),
      lanes: this.lanesOf(this.epoch).root(),
      previousLanes: this.lanesOf(this.epoch + 1).root(),
      laneCounts: this.laneCountsOf(this.epoch).root(),
      previousLaneCounts: this.laneCountsOf(this.epoch + 1).root(),
      work: this.work.root(),
      reservations: this.reservationsOf(this.epoch).root(),
      previousReservations: this.reservationsOf(this.epoch + 1).root(),
      grants: this.grants.root(),
      ...this.reputation.roots(),
      delegates: this.delegatesOf(this.epoch).root(),
      previousDelegates: this.delegatesOf(this.epoch + 1).root(),
    });
  }

  /** Namespace "state": the records changed since the last call; value null = deleted. */
  takeWrites(): Write[] {
    const writes: Write[] = [];
    for (const [, part] of this.#parts()) part.drainWrites(writes);
    return writes;
  }

  get epoch(): number {
    return this.meta.value.epoch;
  }
  /** executed in this epoch: the index of the next block */
  get blocks(): number {
    return this.meta.value.blocks;
  }
  /** number of the last block in all, -1 before the first */
  get height(): number {
    return this.meta.value.totalBlocks - 1;
  }
  /** of the last block; zero before the first */
  get blockRoot(): Uint8Array {
    return this.head.value.blockRoot;
  }
  /** after the last block; equals `root()` */
  get stateRoot(): Uint8Array {
    return this.head.value.stateRoot;
  }
  /** Unix ms of the last block */
  get time(): number {
    return this.meta.value.time;
  }
  /** Unix ms: the first block at or after it closes the epoch */
  get epochEnd(): number {
    return this.meta.value.epochEnd;
  }
  /** Unix ms: when this epoch started */
  get openTime(): number {
    return this.meta.value.openTime;
  }
  get l2View(): L2Checkpoint {
    return this.meta.value.l2View;
  }
  /** beacon seed of this epoch */
  get seed(): Uint8Array {
    return this.meta.value.seed;
  }
  /** `context.opening` of block 0 of this epoch; zero before that block */
  get opening(): Uint8Array {
    return this.meta.value.opening;
  }

  committee(): Committee {
    return this.members.value;
  }

  account(address: Uint8Array): AccountView | undefined {
    const record = this.accounts.get(keyOf(address));
    return record && accountView(record, this.epoch);
  }

  session(account: Uint8Array, key: Uint8Array): SessionView | undefined {
    const record = this.sessions.get(keyOf(account, key));
    return record && sessionView(record, this.epoch);
  }

  node(nodeId: number): NodeView | undefined {
    const record = this.nodeTable.get(String(nodeId));
    if (!record) return undefined;
    let revenue = 0n;
    for (const work of this.work.values()) if (work.node === nodeId) revenue += work.revenue;
    return nodeView(record, revenue);
  }

  /** Ascending by nodeId. */
  nodes(): NodeView[] {
    const revenue = new Map<number, bigint>();
    for (const work of this.work.values())
      revenue.set(work.node, (revenue.get(work.node) ?? 0n) + work.revenue);
    return this.nodeTable
      .values()
      .map((record) => nodeView(record, revenue.get(record.nodeId) ?? 0n))
      .sort((a, b) => a.nodeId - b.nodeId);
  }

  service(serviceId: number): ServiceView | undefined {
    const record = this.serviceTable.get(String(serviceId));
    return record && serviceView(record);
  }

  /** Ascending by serviceId. */
  services(): ServiceView[] {
    return this.serviceTable
      .values()
      .map(serviceView)
      .sort((a, b) => a.serviceId - b.serviceId);
  }

  /** Units paid in a lane of this epoch or the one before, 0n when unknown. */
  lanePaid(laneId: Uint8Array): bigint {
    const key = keyOf(laneId);
    return (this.#lanes.of(0).get(key) ?? this.#lanes.of(1).get(key))?.units ?? 0n;
  }

  /** Of this epoch or the one before. */
  reservation(key: Omit<ReservationView, "amount" | "paid">): ReservationView | undefined {
    if (key.epoch !== this.epoch && key.epoch !== this.epoch - 1) return undefined;
    const record = this.reservationsOf(key.epoch).get(nodeKey(key));
    return record && { ...record, epoch: key.epoch };
  }

  /** Of this epoch or the one before. */
  delegate(account: Uint8Array, subkey: Uint8Array, epoch: number): DelegateView | undefined {
    if (epoch !== this.epoch && epoch !== this.epoch - 1) return undefined;
    return this.delegatesOf(epoch).get(keyOf(account, subkey));
  }

  /** The value in effect in this epoch. */
  parameter(name: string): bigint | undefined {
    let key = parameterKeys.get(name);
    if (key === undefined) {
      key = keyOf(asciiToBytes32(name));
      if (isParameterKey(name)) parameterKeys.set(name, key);
    }
    const record = this.parameters.get(key);
    return record && record.active === 1 ? record.value : undefined;
  }

  /** For node/transition: the lanes of `epoch`, which is the current or the previous one. */
  lanesOf(epoch: number): Table<LaneRecord> {
    return this.#lanes.of(epoch);
  }

  /** For node/transition: as `lanesOf`. */
  laneCountsOf(epoch: number): Table<LaneCountRecord> {
    return this.#laneCounts.of(epoch);
  }

  /** For node/transition: as `lanesOf`. */
  reservationsOf(epoch: number): Table<ReservationRecord> {
    return this.#reservations.of(epoch);
  }

  /** For node/transition: as `lanesOf`. */
  delegatesOf(epoch: number): Table<DelegateRecord> {
    return this.#delegates.of(epoch);
  }

  /** For node/transition: the state is now that after the block of `blockRoot`. */
  setHead(blockRoot: Uint8Array, stateRoot: Uint8Array): void {
    this.head.set({ blockRoot, stateRoot, check: headCheck(this.network, blockRoot, stateRoot) });
  }

  /** For node/transition. */
  patchMeta(patch: Partial<Meta>): void {
    this.meta.set({ ...this.meta.value, ...patch });
  }

  #parts(): [tag: number, part: { load: Cell<Head>["load"]; drainWrites: Cell<Head>["drainWrites"] }][] {
    return [
      [TAG.head, this.head],
      [TAG.meta, this.meta],
      [TAG.committee, this.members],
      [TAG.eligible, this.eligible],
      [TAG.reports, this.reports],
      [TAG.accounts, this.accounts],
      [TAG.sessions, this.sessions],
      [TAG.nodes, this.nodeTable],
      [TAG.services, this.serviceTable],
      [TAG.parameters, this.parameters],
      ...this.#lanes.parts,
      [TAG.work, this.work],
      [TAG.ring, this.reputation.ring],
      [TAG.peerReports, this.reputation.reports],
      [TAG.standings, this.reputation.standings],
      ...this.#laneCounts.parts,
      ...this.#reservations.parts,
      [TAG.grants, this.grants],
      ...this.#delegates.parts,
    ];
  }
}

/** No root covers the head, and the node signs what it says. */
function headCheck(network: NetworkContext, blockRoot: Uint8Array, stateRoot: Uint8Array): Uint8Array {
  return taggedDigest("head", network.networkId, Uint8Array.of(...blockRoot, ...stateRoot));
}

export function workKey(work: { node: number; service: number; commodity: number }): string {
  return `${work.node}/${work.service}/${work.commodity}`;
}
