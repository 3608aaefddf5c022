import {
  type Account,
  type Chain,
  createWalletClient,
  http,
  type PublicActions,
  publicActions,
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

type Client = WalletClient<Transport, Chain, Account | undefined> & PublicActions<Transport, Chain>;

/** A fresh EVM with all contracts deployed. The accounts are unlocked; the first is governance and holds all FLK. */
export interface GasL2 {
  deployment: Deployment;
  client: Client;
  accounts: Hex[];
  /** Sends a transaction. @returns the gas it paid for, refunds taken off. @throws ERR_BENCH_REVERTED */
  send(from: Hex, to: Hex, data: Hex): Promise<bigint>;
  /** The next block has this time, Unix seconds; later than the last one. */
  reach(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startGasL2(): Promise<GasL2> {
  const { rpcUrl, stop } = await startAnvil(HARDFORK);
  try {
    const deployment = await deployAll({ rpcUrl });
    const transport = http(rpcUrl);
    const client = createWalletClient({ chain: anvil, transport, pollingInterval: 20 }).extend(publicActions);
    const send = async (from: Hex, to: Hex, data: Hex): Promise<bigint> => {
      const receipt = await client.sendTransactionSync({ account: from, to, data, gas: GAS_LIMIT });
      if (receipt.status !== "success")
        throw new FlkError("ERR_BENCH_REVERTED", `a call to ${to} reverted`, { data: data.slice(0, 10) });
      return receipt.gasUsed;
    };
    const reach = async (seconds: number): Promise<void> => {
      await client.request<{ Method: "evm_setNextBlockTimestamp"; Parameters: [number]; ReturnType: null }>({
        method: "evm_setNextBlockTimestamp",
        params: [seconds],
      });
    };
    return { deployment, client, reach, accounts: [...(await client.getAddresses())], send, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
