import { BitArray } from "@chainsafe/ssz";
import { parseEventLogs } from "viem";
import { createL2Reader } from "#node/l2/reader.ts";
import { type ClosedEpoch, executeBlock, nextL2View } from "#node/transition/execute.ts";
import { State } from "#node/transition/state.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { attestationMessage, settlementMessage } from "#protocol/digests/consensus.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import { settlementDigest, toL2Committee } from "#protocol/digests/settlement.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { Block, CertifiedBlock } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { type Settlement, SettlementCertificate } from "#protocol/types/settlement.ts";
import { TX } from "#protocol/types/transactions.ts";
import {
  registerTestNode,
  signedSettle,
  testCommittee,
  testSigner,
} from "#test/contracts/support/committee.ts";
import { reachTime, startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";
import { type FakeRpc, startFakeRpc } from "#test/indexer/support/fake-rpc.ts";
import { MemoryStore } from "#test/node/support/memory-store.ts";
import { RecordingMetrics, silentLogger } from "#test/node/support/recording.ts";
import { accountOf } from "#test/node/transition/support/keys.ts";

const START = 1_800_000_000_000;
export const ACTIVATION_DELAY = 600;
export const WITHDRAWN = 400_000n;
const NODES = [1, 2, 3, 4];
const GAS = 3_000_000n;
const client = accountOf("client of the watched network");

/** A committee of four on a real L2, whose chain is made here, block by block, with the production transition. */
export class WatchedNetwork {
  readonly l2: TestL2;
  readonly context: NetworkContext;
  readonly blocks: CertifiedBlock[] = [];
  readonly certificates: SettlementCertificate[] = [];
  readonly closed: ClosedEpoch[] = [];
  readonly #state: State;
  #opening: Uint8Array;

  private constructor(l2: TestL2, context: NetworkContext, state: State, opening: Uint8Array) {
    this.l2 = l2;
    this.context = context;
    this.#state = state;
    this.#opening = opening;
  }

  static async start(): Promise<WatchedNetwork> {
    const l2 = await startTestL2({
      ...{ activationDelay: BigInt(ACTIVATION_DELAY), thawPeriod: 10_000n },
      ...{ escapeDelay: 10_000n, exitWindow: 1_000n, recoveryDelay: 100_000n },
    });
    try {
      for (const id of NODES) await registerTestNode(l2, id, id);
      await deposit(l2, toHex(client.address), 1_000_000n);
      await reachTime(l2, START);
      await l2.client.waitForTransactionReceipt({
        hash: await l2.wallet(0).writeContract({
          address: l2.deployment.settlement,
          abi: epochSettlementAbi,
          functionName: "start",
          args: [toL2Committee(testCommittee(0, NODES)), BigInt(START)],
        }),
      });
      for (let block = 0; block < 3; block++) await deposit(l2, toHex(client.address), 1_000_000n);
      const context = networkContext(l2.deployment.chainId, l2.deployment.settlement);
      const { genesis, events } = await readGenesis(l2);
      return new WatchedNetwork(l2, context, State.genesis(context, genesis, events), genesis.digest);
    } catch (error) {
      await l2.stop();
      throw error;
    }
  }

  /** Executes and certifies the next block; `stateRoot` as 2f+1 lie about it. */
  block(
    options: { transactions?: Uint8Array[]; time?: number; stateRoot?: Uint8Array } = {},
  ): ClosedEpoch | undefined {
    const state = this.#state;
    const committee = state.committee();
    const input = {
      ...{ epoch: state.epoch, index: state.blocks, anchorRound: 2 * state.blocks + 2, anchorAuthor: 1 },
      ...{ anchor: new Uint8Array(32).fill(state.height + 2), beacon: new Uint8Array(96), reports: [] },
      time: options.time ?? state.time + 100,
      transactions: options.transactions ?? [],
    };
    const context = { opening: this.#opening, view: nextL2View(state, input), events: [] };
    const { block, closed } = executeBlock(state, input, context);
    const { stateRoot = block.stateRoot } = options;
    this.blocks.push(this.#certify({ ...block, stateRoot }, committee));
    return closed;
  }

  /** An epoch in which the client withdraws, and its certificate; nothing is posted. */
  epoch(): Settlement {
    const { nonce = 0 } = this.#state.account(client.address) ?? {};
    const body = { account: client.address, nonce, amount: WITHDRAWN };
    this.block({ transactions: [client.sign(this.context, { kind: TX.withdraw, body })] });
    const closed = this.block({ time: this.#state.epochEnd });
    if (!closed) throw new Error("the epoch did not close");
    const { settlement, committee, nextCommittee } = closed;
    const digest = settlementDigest(settlement);
    const message = settlementMessage(this.context.networkId, settlement.epoch, digest);
    this.certificates.push({ settlement, committee, nextCommittee, ...signAll(committee, message) });
    this.closed.push(closed);
    this.#opening = digest;
    return settlement;
  }

  /** Posts a settlement with the signatures of the whole committee, as they sign anything. */
  async post(settlement: Settlement): Promise<void> {
    const { client: l2, deployment } = this.l2;
    const time = Number((await l2.getBlock()).timestamp) * 1000;
    if (time < settlement.closeTime) await reachTime(this.l2, settlement.closeTime);
    const [committee, previous] = [
      testCommittee(settlement.epoch, NODES),
      this.certificates[settlement.epoch - 1],
    ];
    const args = signedSettle(deployment.networkId, settlement, committee, [], previous?.settlement);
    const call = {
      address: deployment.settlement,
      abi: epochSettlementAbi,
      functionName: "settle",
      args,
    } as const;
    const hash = await this.l2.wallet(9).writeContract({ ...call, gas: GAS });
    const receipt = await l2.waitForTransactionReceipt({ hash });
    const [posted] = parseEventLogs({ abi: epochSettlementAbi, logs: receipt.logs, eventName: "Settled" });
    if (!posted) throw new Error("the settlement was not taken");
  }

  /** HELD_ bits of a pending settlement. */
  async heldBy(epoch: number): Promise<number> {
    const { settlement: address } = this.l2.deployment;
    const args = [BigInt(epoch)] as const;
    const call = { address, abi: epochSettlementAbi, functionName: "pending", args } as const;
    return (await this.l2.client.readContract(call))[2];
  }

  /** What the settlement of the running epoch names as its previous. */
  get opening(): Uint8Array {
    return this.#opening;
  }

  /** A node that serves this chain up to `upTo` blocks, with some of them replaced. */
  serve(upTo = Number.POSITIVE_INFINITY, lies: Record<number, CertifiedBlock> = {}): Promise<FakeRpc> {
    return startFakeRpc((method, [key]) => {
      const blocks = this.blocks.slice(0, upTo).map((block, height) => lies[height] ?? block);
      switch (method) {
        case "flk_get_epoch":
          return blocks.filter(({ block }) => block.closes === 1).length;
        case "flk_get_epoch_info":
          return { height: blocks.length - 1 };
        case "flk_get_block_ssz":
          return ssz(CertifiedBlock, blocks[key as number]);
        case "flk_get_settlement_certificate":
          return ssz(SettlementCertificate, this.certificates[key as number]);
        default:
          throw new Error(`no method ${method}`);
      }
    });
  }

  stop(): Promise<void> {
    return this.l2.stop();
  }

  #certify(block: Block, committee: Committee): CertifiedBlock {
    const { epoch, index } = block.input;
    const { previous, stateRoot } = block;
    const data = { epoch, index, previous, blockRoot: sszRoot(Block, block), stateRoot };
    const message = attestationMessage(this.context.networkId, data);
    return { block, certificate: { data, ...signAll(committee, message) } };
  }
}

function signAll(committee: Committee, message: Uint8Array) {
  return {
    signers: BitArray.fromBoolArray(committee.members.map(() => true)),
    signature: blsAggregateSignatures(
      committee.members.map(({ nodeId }) => testSigner(nodeId).sign(message)),
    ),
  };
}

function ssz<T>(type: { serialize(value: T): Uint8Array }, value: T | undefined): { ssz: string } | null {
  return value === undefined ? null : { ssz: toHex(type.serialize(value)) };
}

/** As nodes read it, from final logs. */
async function readGenesis({ rpcUrl, deployment }: TestL2) {
  const reader = createL2Reader({
    ...{
      rpcUrls: [rpcUrl],
      chainId: deployment.chainId,
      contracts: deployment,
      fromBlock: deployment.fromBlock,
    },
    ...{ pollMs: 20, store: new MemoryStore(), logger: silentLogger, metrics: new RecordingMetrics() },
    onFatal: () => undefined,
  });
  await reader.start();
  try {
    const genesis = await reader.genesis();
    return { genesis, events: await reader.events(0, genesis.checkpoint) };
  } finally {
    await reader.stop();
  }
}

async function deposit(
  { client: l2, deployment, wallet }: TestL2,
  account: Hex,
  amount: bigint,
): Promise<void> {
  const payer = wallet(0);
  const usd = { address: deployment.stable, abi: mockUsdAbi } as const;
  const vault = { address: deployment.vault, abi: clientVaultAbi } as const;
  const calls = [
    () => payer.writeContract({ ...usd, functionName: "mint", args: [payer.account.address, amount] }),
    () => payer.writeContract({ ...usd, functionName: "approve", args: [deployment.vault, amount] }),
    () => payer.writeContract({ ...vault, functionName: "deposit", args: [account, amount] }),
  ];
  for (const call of calls) await l2.waitForTransactionReceipt({ hash: await call() });
}

/** 32 bytes that nothing has. */
export const OTHER_HASH = fromHex(`0x${"77".repeat(32)}`);
