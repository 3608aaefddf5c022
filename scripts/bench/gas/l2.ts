import {
  type Account,
  type Chain,
  createWalletClient,
  http,
  type PublicActions,
  publicActions,
  type TransactionReceipt,
  type Transport,
  type WalletClient,
} from "viem";
import { anvil } from "viem/chains";
import { FlkError } from "#protocol/errors/error.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { type Deployment, deployAll } from "#scripts/deploy/deploy-all.ts";
import { startAnvil } from "../anvil.ts";

/** Gas prices of the L2s that have EIP-2537; the devnet runs the same. */
export const HARDFORK = "prague";

/** Above every call. Estimates run in the newest block, where a second mint is cheaper than in a block of its own. */
const GAS_LIMIT = 5_000_000n;
/** wei: posters have gas to be paid back for, and less than the deployment pays back at most. */
const GAS_PRICE = 2_000_000_000n;
/** Unix seconds at which the protocol starts: always the same, so that no figure depends on the day of the run. */
export const START_S = 1_800_000_000;
/** Seconds of the EVM's clock for the deployment, and for all that is measured before the start. */
const BEFORE_START_S = 86_400;
/** Seconds between blocks. Not 0: in a block of the same second, a checkpoint of votes is written over instead of added. */
const BLOCK_S = 2;

/** Seconds: epochs are 30, and evidence for one before the last counts. */
const EVIDENCE = { evidenceWindow: 60n, thawPeriod: 180n };

type Client = WalletClient<Transport, Chain, Account | undefined> & PublicActions<Transport, Chain>;

/** A fresh EVM with all contracts deployed. The accounts are unlocked; the first is the launcher and holds all FLK. */
export interface GasL2 {
  deployment: Deployment;
  client: Client;
  accounts: Hex[];
  /** Sends a transaction. @returns the gas it paid for, refunds taken off. @throws ERR_BENCH_REVERTED */
  send(from: Hex, to: Hex, data: Hex): Promise<bigint>;
  /** As `send`. @returns the receipt */
  sendForReceipt(from: Hex, to: Hex, data: Hex): Promise<TransactionReceipt>;
  /** The next block has this time, Unix seconds, later than the last one. Without it, blocks are 2 s apart. */
  reach(seconds: number): void;
  /** The next block is `seconds` later than it would be. */
  wait(seconds: number): void;
  stop(): Promise<void>;
}

export async function startGasL2(): Promise<GasL2> {
  const { rpcUrl, stop } = await startAnvil({ hardfork: HARDFORK, timestamp: START_S - 2 * BEFORE_START_S });
  let time = START_S - BEFORE_START_S;
  try {
    const deployment = await deployAll({ rpcUrl, parameters: EVIDENCE });
    const transport = http(rpcUrl);
    const client = createWalletClient({ chain: anvil, transport, pollingInterval: 20 }).extend(publicActions);
    const sendForReceipt = async (from: Hex, to: Hex, data: Hex): Promise<TransactionReceipt> => {
      await client.request<{ Method: "evm_setNextBlockTimestamp"; Parameters: [number]; ReturnType: null }>({
        method: "evm_setNextBlockTimestamp",
        params: [time],
      });
      time += BLOCK_S;
      const terms = { gas: GAS_LIMIT, gasPrice: GAS_PRICE };
      const receipt = await client.sendTransactionSync({ account: from, to, data, ...terms });
      if (receipt.status !== "success")
        throw new FlkError("ERR_BENCH_REVERTED", `a call to ${to} reverted`, { data: data.slice(0, 10) });
      return receipt;
    };
    const send = async (from: Hex, to: Hex, data: Hex): Promise<bigint> =>
      (await sendForReceipt(from, to, data)).gasUsed;
    const reach = (seconds: number): void => {
      time = seconds;
    };
    const wait = (seconds: number): void => reach(time + seconds);
    const accounts = [...(await client.getAddresses())];
    return { deployment, client, reach, wait, accounts, send, sendForReceipt, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
