import { BitArray } from "@chainsafe/ssz";
import { type Abi, createTestClient, http } from "viem";
import type { MinedLog } from "#node/l2/agreeing-rpc.ts";
import { parseLogs } from "#node/l2/parse-logs.ts";
import { State } from "#node/transition/state.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { attestationMessage, settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { Block, type CertifiedBlock } from "#protocol/types/block.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { EpochReport, SettlementCertificate } from "#protocol/types/settlement.ts";
import { callAs } from "#test/contracts/support/l2.ts";
import { ContractsOutside } from "#test/node/transition/support/contracts-outside.ts";
import { nodeKeys } from "#test/node/transition/support/keys.ts";
import { FLK, World } from "#test/node/transition/support/world.ts";
import type { ServedChain } from "./fake-node.ts";

const NODES = 6;

/**
 * The state transition of nodes over the L2's contracts: every L2 event that a block applies was said by a contract, and what
 * each epoch settles a contract takes.
 */
export class RealChain implements ServedChain {
  readonly outside: ContractsOutside;
  readonly world: World;
  readonly blocks: CertifiedBlock[] = [];
  readonly reports: EpochReport[] = [];
  readonly certificates: SettlementCertificate[] = [];
  /** what was paid in lanes, of epochs that the state has forgotten */
  readonly lanes = new Map<Hex, { count: number; units: bigint }>();

  private constructor(outside: ContractsOutside) {
    const { network, startBlock, auction } = outside;
    this.outside = outside;
    this.world = new World({ network, startBlock, auction, nodes: NODES });
  }

  static async start(): Promise<RealChain> {
    const outside = await ContractsOutside.start();
    try {
      const chain = new RealChain(outside);
      await chain.#begin();
      return chain;
    } catch (error) {
      await outside.stop();
      throw error;
    }
  }

  get l2() {
    return this.outside.l2;
  }

  get epoch(): number {
    return this.world.state.epoch;
  }

  /** The state that the contracts' own words lead to, in place of the one that the world made up. */
  async #begin(): Promise<void> {
    const { deployment } = this.l2;
    const { events, started } = parseLogs(deployment, await this.#logs(0, this.outside.startBlock));
    if (!started) throw new Error("the network did not start");
    const { flkSupply, checkpoint } = started;
    const genesis = { ...this.world.genesis, flkSupply, checkpoint };
    const parsed = events.map(({ event }) => event);
    this.world.state = State.genesis(this.world.network, genesis, parsed);
    const approve = { address: deployment.flk, abi: flkAbi, functionName: "approve" };
    await this.send({ ...approve, args: [deployment.staking, 10n ** 30n] });
    for (let node = 1; node <= NODES; node++) await this.staking("stake", [node, 2_000n * FLK]);
    await this.block();
  }

  async #logs(fromBlock: number, toBlock: number): Promise<MinedLog[]> {
    const { staking, vault, parameters, services, settlement, auction } = this.l2.deployment;
    const address = [staking, vault, parameters, services, settlement, auction];
    const range = { fromBlock: BigInt(fromBlock), toBlock: BigInt(toBlock) };
    return (await this.l2.client.getLogs({ address, ...range })) as MinedLog[];
  }

  /** As the deployer, who owns all nodes and all FLK. */
  async send(call: {
    address: Hex;
    abi: Abi;
    functionName: string;
    args: readonly unknown[];
  }): Promise<void> {
    const hash = await this.l2.wallet(0).writeContract({ ...call, gas: 5_000_000n });
    const { status } = await this.l2.client.waitForTransactionReceipt({ hash });
    if (status !== "success") throw new Error(`${call.functionName} reverted`);
  }

  staking(functionName: string, args: readonly unknown[]): Promise<void> {
    return this.send({ address: this.l2.deployment.staking, abi: nodeStakingAbi, functionName, args });
  }

  as(account: Hex, call: { address: Hex; abi: Abi; functionName: string; args: unknown[] }): Promise<void> {
    return callAs(this.l2, account, call);
  }

  /** Seconds later on the L2. */
  async later(seconds: number): Promise<void> {
    const node = createTestClient({ mode: "anvil", transport: http(this.l2.rpcUrl) });
    await node.increaseTime({ seconds });
    await node.mine({ blocks: 1 });
  }

  /** A block that has seen the L2 up to its head. */
  async block(options: { transactions?: Uint8Array[]; closes?: boolean } = {}): Promise<Block> {
    const { state } = this.world;
    const committee = state.committee();
    const head = await this.l2.client.getBlock();
    const [from, to] = [state.l2View.number + 1, Number(head.number)];
    const events =
      from > to
        ? []
        : parseLogs(this.l2.deployment, await this.#logs(from, to)).events.map(({ event }) => event);
    const checkpoint = { number: to, hash: fromHex(head.hash) };
    if (options.closes) this.#rememberLanes(state.epoch - 1);
    const time = options.closes ? state.epochEnd : Math.min(state.time + 1, state.epochEnd - 1);
    const { block, closed } = this.world.block({
      time,
      events,
      reports: committee.members.map(({ nodeId }) => ({ node: nodeId, checkpoint })),
      transactions: options.transactions ?? [],
    });
    this.blocks.push(this.#certify(block, committee));
    if (closed) {
      const { settlement, nextCommittee, report } = closed;
      const message = settlementMessage(
        this.world.network.networkId,
        settlement.epoch,
        settlementDigest(settlement),
      );
      this.certificates.push({ settlement, committee, nextCommittee, ...sign(message, committee) });
      this.reports.push(report);
      await this.outside.settle(closed);
    }
    return block;
  }

  #rememberLanes(epoch: number): void {
    if (epoch < 0) return;
    for (const { id, count, units } of this.world.state.lanesOf(epoch).values())
      this.lanes.set(toHex(id), { count, units });
  }

  /** Of all epochs. */
  allLanes(): RealChain["lanes"] {
    for (const epoch of [this.epoch - 1, this.epoch]) this.#rememberLanes(epoch);
    return this.lanes;
  }

  #certify(block: Block, committee: Committee): CertifiedBlock {
    const { epoch, index } = block.input;
    const { previous, stateRoot } = block;
    const data = { epoch, index, previous, blockRoot: Block.hashTreeRoot(block), stateRoot };
    const message = attestationMessage(this.world.network.networkId, data);
    return { block, certificate: { data, ...sign(message, committee) } };
  }

  stop(): Promise<void> {
    return this.outside.stop();
  }
}

function sign(message: Uint8Array, { members }: Committee) {
  return {
    signers: BitArray.fromBoolArray(members.map(() => true)),
    signature: blsAggregateSignatures(members.map(({ nodeId }) => nodeKeys(nodeId).consensus.sign(message))),
  };
}
