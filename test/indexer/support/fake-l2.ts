import {
  type Abi,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  keccak256,
  toEventSelector,
  toHex as viemHex,
} from "viem";
import { bloomBits } from "#indexer/sync/bloom.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { flkTimelockAbi } from "#protocol/abi/FlkTimelock.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import { type FakeRpc, RpcFailure, startFakeRpc } from "./fake-rpc.ts";

export const CHAIN_ID = 31_337;

/** Unix seconds of its block 0; one block per second. */
export const L2_TIME = 1_700_000_000;

const address = (byte: number): Hex => `0x${byte.toString(16).padStart(2, "0").repeat(20)}`;
export const CONTRACTS = {
  settlement: address(0xa1),
  staking: address(0xa2),
  vault: address(0xa3),
  parameters: address(0xa4),
  services: address(0xa5),
  flk: address(0xa6),
  stable: address(0xa7),
  auction: address(0xa8),
  slasher: address(0xa9),
  governor: address(0xaa),
  timelock: address(0xab),
};
const ABIS: [Hex, Abi][] = [
  [CONTRACTS.settlement, epochSettlementAbi],
  [CONTRACTS.staking, nodeStakingAbi],
  [CONTRACTS.vault, clientVaultAbi],
  [CONTRACTS.parameters, protocolParametersAbi],
  [CONTRACTS.services, serviceRegistryAbi],
  [CONTRACTS.flk, flkAbi],
  [CONTRACTS.auction, buybackAuctionAbi],
  [CONTRACTS.slasher, slasherAbi],
  [CONTRACTS.governor, flkGovernorAbi],
  [CONTRACTS.timelock, flkTimelockAbi],
];

type Followed = keyof typeof CONTRACTS;

interface FakeLog {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
  logIndex: Hex;
}

/** An L2 that has only logs: enough for who follows logs, and exact in their encoding. */
export class FakeL2 {
  readonly logs: FakeLog[] = [];
  /** newest block; final is `finalized` */
  head = 0;
  finalized = 0;
  chainId = CHAIN_ID;
  /** changes every block hash: another chain */
  salt = 0;
  /** refuses log queries over more blocks than this */
  maxRange = 1_000_000;
  /** contracts that the blooms of blocks have by chance */
  readonly chance = new Map<number, readonly Followed[]>();

  hash(number: number): Hex {
    return keccak256(viemHex(`${this.salt}/${number}`));
  }

  /** Writes one event into a new block, final at once unless told. Returns the block. */
  emit(contract: Followed, eventName: string, args: Record<string, unknown>, final = true): number {
    return this.emitAll([[contract, eventName, args]], final);
  }

  /** Writes the events of one transaction into a new block. */
  emitAll(
    events: [contract: Followed, eventName: string, args: Record<string, unknown>][],
    final = true,
  ): number {
    this.head++;
    if (final) this.finalized = this.head;
    for (const [logIndex, [contract, eventName, args]] of events.entries()) {
      const abi = ABIS.find(([at]) => at === CONTRACTS[contract])?.[1] as Abi;
      const item = abi.find((entry) => entry.type === "event" && entry.name === eventName);
      if (item?.type !== "event") throw new Error(`no event ${eventName}`);
      const plain = item.inputs.filter((input) => !input.indexed);
      const values = plain.map((input) => args[input.name ?? ""]);
      const topics = encodeEventTopics({ abi, eventName, args }) as Hex[];
      this.#log(contract, topics, encodeAbiParameters(plain, values), logIndex);
    }
    return this.head;
  }

  /** Writes an event that no ABI has, into a new block. */
  emitUnknown(contract: Followed, topics: Hex[], data: Hex): void {
    this.finalized = ++this.head;
    this.#log(contract, topics, data, 0);
  }

  #log(contract: Followed, topics: Hex[], data: Hex, logIndex: number): void {
    this.logs.push({
      address: CONTRACTS[contract],
      topics,
      data,
      blockNumber: viemHex(this.head),
      transactionHash: keccak256(viemHex(`tx ${this.head}`)),
      logIndex: viemHex(logIndex),
    });
  }

  serve(): Promise<FakeRpc> {
    return startFakeRpc((method, params) => this.answer(method, params));
  }

  /** Of JSON-RPC. */
  answer(method: string, params: unknown[]): unknown {
    if (method === "eth_chainId") return viemHex(this.chainId);
    if (method === "eth_getLogs") return this.#getLogs(params[0] as LogFilter);
    if (method === "eth_getBlockByNumber") return this.#block(params[0] as string);
    if (method === "eth_getTransactionReceipt")
      return { gasUsed: viemHex(234_567), transactionHash: params[0] };
    throw new Error(`no method ${method}`);
  }

  #number(tag: string): number {
    if (tag === "latest") return this.head;
    return tag === "finalized" ? this.finalized : Number(tag);
  }

  #block(tag: string): unknown {
    const number = this.#number(tag);
    if (number > this.head) return null;
    return {
      number: viemHex(number),
      hash: this.hash(number),
      parentHash: this.hash(number - 1),
      timestamp: viemHex(L2_TIME + number),
      transactions: [],
      logsBloom: this.#bloom(number),
    };
  }

  #bloom(number: number): Hex {
    const logs = this.logs.filter(({ blockNumber }) => Number(blockNumber) === number);
    const has = logs.flatMap(({ address, topics }) => [address, ...topics]);
    for (const other of this.chance.get(number) ?? [])
      has.push(CONTRACTS[other], ...selectorsOf(CONTRACTS[other]));
    let bloom = 0n;
    for (const value of has) for (const bit of bloomBits(value)) bloom |= 1n << BigInt(bit);
    return viemHex(bloom, { size: 256 });
  }

  #range(filter: Range): [number, number] {
    if (!("blockHash" in filter)) return [this.#number(filter.fromBlock), this.#number(filter.toBlock)];
    for (let at = 0; at <= this.head; at++) if (this.hash(at) === filter.blockHash) return [at, at];
    throw new RpcFailure("unknown block");
  }

  #getLogs({ address: from, ...filter }: LogFilter): unknown[] {
    const [first, last] = this.#range(filter);
    if (last - first >= this.maxRange) throw new Error("range too large");
    const wanted = [from].flat().map((text) => text.toLowerCase());
    return this.logs
      .filter((log) => Number(log.blockNumber) >= first && Number(log.blockNumber) <= last)
      .filter((log) => wanted.includes(log.address))
      .map((log) => ({
        ...log,
        blockTimestamp: viemHex(L2_TIME + Number(log.blockNumber)),
        blockHash: this.hash(Number(log.blockNumber)),
        transactionIndex: "0x0",
        removed: false,
      }));
  }
}

type Range = { fromBlock: string; toBlock: string } | { blockHash: string };
type LogFilter = { address: string | string[] } & Range;

function selectorsOf(contract: Hex): Hex[] {
  const abi = ABIS.find(([at]) => at === contract)?.[1] ?? [];
  return abi.filter((item) => item.type === "event").map((item) => toEventSelector(item));
}
