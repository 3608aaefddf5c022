import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  createPublicClient,
  createWalletClient,
  type HttpTransport,
  http,
  type PublicClient,
  type WalletClient,
} from "viem";
import { type HDAccount, mnemonicToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import { type Deployment, deployAll } from "#scripts/deploy/deploy-all.ts";

const ANVIL = fileURLToPath(new URL("../../../node_modules/.bin/anvil", import.meta.url));
const MNEMONIC = "test test test test test test test test test test test junk";

/** A local L2 of its own with everything deployed. Account 0 is governance. */
export interface TestL2 {
  rpcUrl: string;
  client: PublicClient<HttpTransport, typeof foundry>;
  deployment: Deployment;
  wallet(index: number): WalletClient<HttpTransport, typeof foundry, HDAccount>;
  stop(): Promise<void>;
}

export async function startTestL2(): Promise<TestL2> {
  const port = await freePort();
  const rpcUrl = `http://127.0.0.1:${port}`;
  const anvil = spawn(ANVIL, ["--port", String(port), "--silent", "--slots-in-an-epoch", "1"], {
    stdio: "ignore",
  });
  const stop = () => stopProcess(anvil);
  try {
    const client = createPublicClient({ chain: foundry, transport: http(rpcUrl), pollingInterval: 20 });
    await reachable(client, anvil);
    const deployment = await deployAll({ rpcUrl });
    const wallet = (addressIndex: number) =>
      createWalletClient({
        account: mnemonicToAccount(MNEMONIC, { addressIndex }),
        chain: foundry,
        transport: http(rpcUrl),
        pollingInterval: 20,
      });
    return { rpcUrl, client, deployment, wallet, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function reachable(client: { getChainId(): Promise<number> }, anvil: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(50)) {
    if (anvil.exitCode !== null) throw new Error(`anvil ended with ${anvil.exitCode}`);
    const chainId = await client.getChainId().catch(() => undefined);
    if (chainId !== undefined) return;
  }
  throw new Error("anvil does not answer");
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}
