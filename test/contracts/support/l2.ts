import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type Abi,
  createPublicClient,
  createTestClient,
  createWalletClient,
  type HttpTransport,
  http,
  type PublicClient,
  parseEther,
  type WalletClient,
} from "viem";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import type { Hex } from "#protocol/types/hex.ts";
import { type Deployment, deployAll } from "#scripts/deploy/deploy-all.ts";
import type { DeployParameters } from "#scripts/deploy/parameters.ts";

const ANVIL = fileURLToPath(new URL("../../../node_modules/.bin/anvil", import.meta.url));
const MNEMONIC = "test test test test test test test test test test test junk";

export interface Anvil {
  url: string;
  stop(): Promise<void>;
}

/** An EVM of its own on a port that the system picks, with every transaction in a block of its own. */
export async function startAnvil(...options: string[]): Promise<Anvil> {
  const child = spawn(ANVIL, ["--port", "0", "--slots-in-an-epoch", "1", ...options], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
  };
  const address = new Promise<string>((resolve, reject) => {
    exited.then(() => reject(new Error("anvil ended")), reject);
    createInterface(child.stdout).on("line", (line) => {
      const listening = /^Listening on (\S+)$/.exec(line)?.[1];
      if (listening) resolve(listening);
    });
  });
  return { url: `http://${await address}`, stop };
}

/** An L2 of its own with everything deployed. Account 0 deployed it, and is guardian and launcher unless they are named. */
export interface TestL2 {
  rpcUrl: string;
  client: PublicClient<HttpTransport, typeof foundry>;
  deployment: Deployment;
  wallet(index: number): WalletClient<HttpTransport, typeof foundry, HDAccount>;
  stop(): Promise<void>;
}

export async function startTestL2(parameters: Partial<DeployParameters> = {}): Promise<TestL2> {
  const { url: rpcUrl, stop } = await startAnvil();
  try {
    const common = { chain: foundry, transport: http(rpcUrl), pollingInterval: 20 };
    const client = createPublicClient({ ...common, cacheTime: 0 });
    const deployment = await deployAll({ rpcUrl, parameters });
    const wallet = (addressIndex: number) =>
      createWalletClient({ ...common, account: mnemonicToAccount(MNEMONIC, { addressIndex }) });
    return { rpcUrl, client, deployment, wallet, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Sets the L2's clock, Unix ms, which must not be behind. */
export async function reachTime({ rpcUrl }: Pick<TestL2, "rpcUrl">, ms: number): Promise<void> {
  const node = createTestClient({ mode: "anvil", transport: http(rpcUrl) });
  await node.setNextBlockTimestamp({ timestamp: BigInt(Math.floor(ms / 1000)) });
  await node.mine({ blocks: 1 });
}

/** Calls as somebody whose key nobody has. */
export async function callAs(
  l2: TestL2,
  account: Hex,
  call: { address: Hex; abi: Abi; functionName: string; args: unknown[] },
): Promise<void> {
  const node = createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
  await node.impersonateAccount({ address: account });
  await node.setBalance({ address: account, value: parseEther("1") });
  const hash = await l2.wallet(0).writeContract({ ...call, account });
  const receipt = await l2.client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
}
