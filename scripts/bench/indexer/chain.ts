import { createTestClient, http, numberToHex, publicActions } from "viem";
import { anvil } from "viem/chains";
import { FlkError } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { type Anvil, startAnvil } from "../anvil.ts";
import { Rng } from "../support/rng.ts";
import { emitterCalldata, emitterCode } from "./emitter.ts";
import { CONTRACTS, type EmittedLog, type Emitting, EventMix, openingLogs } from "./events.ts";

const EVENTS_PER_BLOCK = 100;
/** anvil's final block is two such epochs behind its newest */
const SLOTS = 32;
const FINAL_AFTER = 2 * SLOTS;
const ACCOUNTS = 20_000;
const SEED = 7;
const SENDER = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

export interface BenchChain {
  rpcUrl: string;
  /** newest final block, which holds the last event */
  final: number;
  /** `count` more events, in `blocks` blocks that are not final */
  emit(count: number, blocks: number): Promise<void>;
  /** Replaces the newest `depth` blocks by empty ones. */
  reorg(depth: number): Promise<void>;
  /** Makes every block so far final. Gives the newest final block. */
  finalize(): Promise<number>;
  stop(): Promise<void>;
}

/** A local L2 whose contracts emitted `events` events, all final. Always the same for the same number. */
export async function startChain(events: number): Promise<BenchChain> {
  const extra = ["--no-mining", "--disable-block-gas-limit", "--gas-price", "0", "--base-fee", "0"];
  const node = await startAnvil({ hardfork: "prague", timestamp: 1_700_000_000, slots: SLOTS, extra });
  try {
    return await fill(node, events);
  } catch (error) {
    await node.stop();
    throw error;
  }
}

type Call = { method: string; params: unknown[] };

async function fill({ rpcUrl, stop }: Anvil, events: number): Promise<BenchChain> {
  const mix = new EventMix(new Rng(SEED), ACCOUNTS);
  const client = createTestClient({ chain: anvil, mode: "anvil", transport: http(rpcUrl) }).extend(
    publicActions,
  );
  for (const address of Object.values(CONTRACTS)) await client.setCode({ address, bytecode: emitterCode() });
  let nonce = 0;

  async function block(logs: readonly EmittedLog[]): Promise<void> {
    const calls: Call[] = [...Map.groupBy(logs, ({ contract }) => contract)].map(([contract, group]) => ({
      method: "eth_sendTransaction",
      params: [transaction(contract, emitterCalldata(group), nonce++)],
    }));
    await batch(rpcUrl, [...calls, { method: "evm_mine", params: [] }]);
  }
  const emit = async (count: number, blocks: number) => {
    for (let at = 0; at < blocks; at++) {
      const until = Math.floor((count * (at + 1)) / blocks) - Math.floor((count * at) / blocks);
      await block(Array.from({ length: until }, () => mix.next()));
    }
  };
  const finalize = async () => {
    await client.mine({ blocks: FINAL_AFTER });
    return Number((await client.getBlock({ blockTag: "finalized" })).number);
  };

  const opening = openingLogs().slice(0, events);
  await block(opening);
  const more = events - opening.length;
  await emit(more, Math.ceil(more / EVENTS_PER_BLOCK));
  return {
    rpcUrl,
    final: await finalize(),
    emit,
    finalize,
    reorg: async (depth) => void (await batch(rpcUrl, [{ method: "anvil_reorg", params: [depth, []] }])),
    stop,
  };
}

function transaction(contract: Emitting, data: Hex, nonce: number) {
  const gas = numberToHex(1_000_000_000);
  return { from: SENDER, to: CONTRACTS[contract], data, gas, gasPrice: "0x0", nonce: numberToHex(nonce) };
}

/** @throws ERR_BENCH_ANVIL when one of the calls fails */
async function batch(url: string, calls: readonly Call[]): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(calls.map((call, id) => ({ jsonrpc: "2.0", id, ...call }))),
  });
  const answers = (await response.json()) as { error?: { message: string } }[];
  const failed = answers.find(({ error }) => error !== undefined);
  if (failed) throw new FlkError("ERR_BENCH_ANVIL", `anvil refused: ${failed.error?.message}`);
}
