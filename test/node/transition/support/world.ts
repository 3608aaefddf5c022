import type { Ed25519Signer } from "#crypto";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import type { Genesis } from "#node/interface/l2.ts";
import { type ClosedEpoch, executeBlock, nextL2View } from "#node/transition/execute.ts";
import { State } from "#node/transition/state.ts";
import { signAck, signDelegation, signReserve } from "#protocol/digests/ack.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import { committeeHash, genesisDigest, settlementDigest } from "#protocol/digests/settlement.ts";
import { type NodeTransaction, signNodeTransaction } from "#protocol/digests/transactions.ts";
import { ACK_CODES, RECEIPT_CODES, type ReceiptCode } from "#protocol/errors/codes.ts";
import { PARAMETER_KEYS, type ParameterKey } from "#protocol/params/keys.ts";
import type { Ack, Delegation, Reserve, SignedAck, SignedDelegation } from "#protocol/types/ack.ts";
import type { Block, CheckpointReport, Receipt } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { TX } from "#protocol/types/transactions.ts";
import { PARAMETERS as BENCH_PARAMETERS } from "#scripts/bench/support/parameters.ts";
import { type Account, accountOf, type NodeKeys, nodeKeys, seedOf, sessionOf } from "./keys.ts";

export const FLK = 10n ** 18n;
export const EPOCH_MS = 30_000;
const NETWORK = networkContext(31337, "0x00000000000000000000000000000000000000f1");
export const START = 1_800_000_000_000;
export const treasury = accountOf("treasury");
export const buyback = accountOf("buyback");
export const serviceOwner = accountOf("service owner");
export const client = accountOf("client");

const PARAMETERS: Record<ParameterKey, bigint> = {
  ...BENCH_PARAMETERS,
  epochLengthMs: BigInt(EPOCH_MS),
  treasury: addressValue(treasury),
  buyback: addressValue(buyback),
};

type LotClosed = Extract<L2Event, { type: "lotClosed" }>;

export function addressValue(account: Account): bigint {
  return toUint(account.address);
}

function toUint(address: Uint8Array): bigint {
  return address.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

export interface WorldOptions {
  nodes?: number;
  parameters?: Partial<Record<ParameterKey, bigint>>;
  /** micro-USD by account, in the genesis */
  deposits?: [Account, bigint][];
  /** micro-USD per 10^9 units by commodity, of each service */
  prices?: bigint[];
  /** 1 when absent */
  services?: number;
  /** address that the buyback is paid to */
  auction?: Uint8Array;
  network?: NetworkContext;
  /** L2 block of the start */
  startBlock?: number;
  omit?: ParameterKey;
  /** wei; 100 million FLK when absent */
  flkSupply?: bigint;
}

export interface BlockOptions {
  /** Unix ms; 100 ms after the last block when absent */
  time?: number;
  transactions?: Uint8Array[];
  /** events of one new L2 block that the whole committee reports */
  events?: L2Event[];
  reports?: CheckpointReport[];
  beacon?: Uint8Array;
  signatures?: SignatureVerifier;
}

/** A network in one object: makes genesis, blocks and signed input. */
export class World {
  readonly network: NetworkContext;
  readonly nodes: NodeKeys[];
  readonly events: L2Event[];
  readonly genesis: Genesis;
  readonly closed: ClosedEpoch[] = [];
  #sequence = 0;
  readonly blocks: Block[] = [];
  state: State;
  #opening: Uint8Array;

  constructor(options: WorldOptions = {}) {
    this.network = options.network ?? NETWORK;
    this.nodes = Array.from({ length: options.nodes ?? 6 }, (_, i) => nodeKeys(i + 1));
    this.events = genesisEvents(this.nodes, options);
    this.genesis = this.#makeGenesis(options);
    this.#opening = this.genesis.digest;
    this.state = State.genesis(this.network, this.genesis, this.events);
  }

  #makeGenesis({ flkSupply = 100_000_000n * FLK, startBlock = 100 }: WorldOptions): Genesis {
    const committee: Committee = {
      epoch: 0,
      members: this.nodes.slice(0, 4).map(({ nodeId, consensus }) => ({
        nodeId,
        keyVersion: 0,
        power: 1,
        consensusKey: consensus.publicKey,
      })),
    };
    const checkpoint = { number: startBlock, hash: seedOf(`l2 ${startBlock}`) };
    const digest = genesisDigest(this.network.networkId, committeeHash(committee), START, checkpoint.number);
    return { committee, startTime: START, checkpoint, flkSupply, digest };
  }

  node(nodeId: number): NodeKeys {
    const keys = this.nodes[nodeId - 1];
    if (!keys) throw new Error(`no node ${nodeId}`);
    return keys;
  }

  /** Executes the next block. */
  block(options: BlockOptions = {}): { block: Block; closed?: ClosedEpoch } {
    const { state } = this;
    const number = state.l2View.number + 1;
    const everyone = state.committee().members.map((member) => ({
      node: member.nodeId,
      checkpoint: { number, hash: seedOf(`l2 ${number}`) },
    }));
    const input = {
      epoch: state.epoch,
      index: state.blocks,
      anchorRound: 2 * state.blocks + 2,
      anchorAuthor: state.committee().members[0]?.nodeId ?? 0,
      anchor: seedOf(`anchor ${state.height}`),
      time: options.time ?? state.time + 100,
      beacon: options.beacon ?? new Uint8Array(96).fill((state.height + 2) % 256),
      reports: options.reports ?? (options.events ? everyone : []),
      transactions: options.transactions ?? [],
    };
    const context = { opening: this.#opening, view: nextL2View(state, input), events: options.events ?? [] };
    const result = executeBlock(state, input, { ...context, signatures: options.signatures });
    this.blocks.push(result.block);
    if (result.closed) {
      this.closed.push(result.closed);
      this.#opening = settlementDigest(result.closed.settlement);
    }
    return result;
  }

  /** Executes again what `block` was made of, on the state set now. */
  replay(block: Block, events: L2Event[] = []): Block {
    const opening = block.input.index === 0 ? block.previous : this.state.opening;
    const view = nextL2View(this.state, block.input);
    return executeBlock(this.state, block.input, { opening, view, events }).block;
  }

  /** One transaction in a block of its own. */
  run(transaction: Uint8Array): { code: ReceiptCode; acks: string[]; receipt: Receipt } {
    const receipt = this.block({ transactions: [transaction] }).block.receipts[0];
    const code = receipt && RECEIPT_CODES[receipt.status];
    if (!receipt || !code) throw new Error("no receipt");
    return { code, receipt, acks: receipt.ackStatus.map((status) => ACK_CODES[status] ?? "?") };
  }

  /** Ends the epoch with a block at its end. */
  close(options: BlockOptions = {}): ClosedEpoch {
    const { closed } = this.block({ time: this.state.epochEnd, ...options });
    if (!closed) throw new Error("the epoch did not close");
    return closed;
  }

  /** A block with the closing of the lot of these epochs: all their buyback is sold for `burned` wei, and nothing else. */
  sellLot(fromEpoch: number, toEpoch: number, burned: bigint, more: Partial<LotClosed> = {}): void {
    this.block({ events: [this.lotClosed(fromEpoch, toEpoch, burned, more)] });
  }

  lotClosed(fromEpoch: number, toEpoch: number, burned: bigint, more: Partial<LotClosed> = {}): LotClosed {
    const sold = this.closed
      .filter(({ report }) => report.epoch >= fromEpoch && report.epoch <= toEpoch)
      .reduce((sum, { report }) => sum + report.buyback, 0n);
    const counted = burned;
    const lot = { auction: buyback.address, fromEpoch, toEpoch, sold, rolled: 0n, burned, counted };
    return { type: "lotClosed", ...lot, ...more };
  }

  /** Of all nodes together. */
  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  nodeTx(tx: NodeTransaction, signer?: Ed25519Signer): Uint8Array {
    return signNodeTransaction(this.network, tx, signer ?? this.node(tx.body.node).network);
  }

  submitAcks(
    node: number,
    acks: SignedAck[],
    signer?: Ed25519Signer,
    delegations: SignedDelegation[] = [],
  ): Uint8Array {
    return this.nodeTx(
      { kind: TX.submitAcks, body: { node, sequence: this.nextSequence(), acks, delegations } },
      signer,
    );
  }

  /** What the session key reserves, handed in by the node it is for. */
  reserve(
    account: Account,
    name: string,
    fields: Partial<Reserve> & { amount: bigint },
    options: {
      signer?: Ed25519Signer;
      submitter?: number;
      submitterKey?: Ed25519Signer;
      networkId?: Uint8Array;
      delegations?: SignedDelegation[];
    } = {},
  ): Uint8Array {
    const session = sessionOf(name);
    const base = { epoch: this.state.epoch, account: account.address, session: session.publicKey, node: 1 };
    const { networkId = this.network.networkId, signer = session } = options;
    const signed = signReserve(networkId, { ...base, ...fields }, signer);
    const node = options.submitter ?? signed.reserve.node;
    return this.nodeTx(
      {
        kind: TX.reserve,
        body: { node, sequence: this.nextSequence(), signed, delegations: options.delegations ?? [] },
      },
      options.submitterKey,
    );
  }

  /** The word of session key `name` for the key `to`. */
  delegate(
    account: Account,
    name: string,
    to: string,
    fields: Partial<Delegation> = {},
    options: { signer?: Ed25519Signer; networkId?: Uint8Array } = {},
  ): SignedDelegation {
    const session = sessionOf(name);
    const delegation: Delegation = {
      account: account.address,
      session: session.publicKey,
      subkey: sessionOf(to).publicKey,
      from: 0,
      to: 100,
      limit: 1_000n,
      origin: new Uint8Array(32),
      ...fields,
    };
    const { networkId = this.network.networkId, signer = session } = options;
    return signDelegation(networkId, delegation, signer);
  }

  authorize(
    account: Account,
    name: string,
    options: { limit?: bigint; expiryEpoch?: number; scheme?: number } = {},
  ) {
    const nonce = this.state.account(account.address)?.nonce ?? 0;
    const key = sessionOf(name).publicKey;
    const { limit = 1_000_000n, expiryEpoch = 100, scheme = 0 } = options;
    return account.sign(this.network, {
      kind: TX.authorizeSession,
      body: { account: account.address, nonce, scheme, key, expiryEpoch, limit },
    });
  }

  ack(account: Account, name: string, fields: Partial<Ack> = {}, signer?: Ed25519Signer): SignedAck {
    const session = sessionOf(name);
    const ack: Ack = {
      epoch: this.state.epoch,
      account: account.address,
      session: session.publicKey,
      lane: 0,
      node: 1,
      service: 0,
      commodity: 0,
      count: 1,
      units: 0n,
      log: seedOf("log"),
      ...fields,
    };
    return signAck(this.network.networkId, ack, signer ?? session);
  }

  balance(account: Account): bigint {
    return this.state.account(account.address)?.balance ?? 0n;
  }

  payout(address: Uint8Array): { stable: bigint; flk: bigint } {
    const view = this.state.account(address);
    return { stable: view?.payoutStable ?? 0n, flk: view?.payoutFlk ?? 0n };
  }
}

function genesisEvents(nodes: NodeKeys[], options: WorldOptions): L2Event[] {
  const events: L2Event[] = [];
  const auction = options.auction && { buyback: toUint(options.auction) };
  const parameters = { ...PARAMETERS, ...auction, ...options.parameters };
  for (const key of PARAMETER_KEYS) {
    if (key !== options.omit) events.push({ type: "parameterSet", key, value: parameters[key] });
  }
  for (let serviceId = 0; serviceId < (options.services ?? 1); serviceId++) {
    events.push({ type: "serviceRegistered", serviceId, owner: serviceOwner.address });
    for (const [commodity, price] of (options.prices ?? [1_000_000n, 2_000_000n]).entries())
      events.push({ type: "priceSet", serviceId, commodity, price });
  }
  for (const keys of nodes) events.push(registered(keys), staked(keys.nodeId, 1000n * FLK));
  for (const [account, amount] of options.deposits ?? [[client, 1_000_000n]]) {
    events.push({ type: "deposit", account: account.address, amount, total: amount });
  }
  return events;
}

export function registered(keys: NodeKeys, keyVersion = 0): L2Event {
  return {
    type: "nodeRegistered",
    nodeId: keys.nodeId,
    owner: keys.owner,
    keyVersion,
    consensusKey: keys.consensus.publicKey,
    networkKey: keys.network.publicKey,
    endpoints: `/ip4/127.0.0.1/tcp/${4200 + 100 * keys.nodeId}`,
  };
}

export function staked(nodeId: number, amount: bigint, thawing = 0n): L2Event {
  return { type: "stakeChanged", nodeId, staked: amount, thawing };
}
