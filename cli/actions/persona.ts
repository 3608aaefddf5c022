import {
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  fallback,
  type HttpTransport,
  http,
  type LocalAccount,
  type PublicClient,
  type Transport,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { createNonceManager, jsonRpc } from "viem/nonce";
import type { L2Client } from "#client/actions/l2-client.ts";
import { createFlkClient, type FlkClient } from "#client/client.ts";
import { keystorePaths } from "#node/keys/keystore.ts";
import { readAccountKey } from "#node/keys/web3-storage.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import type { Config, L2Config } from "../config/schema.ts";
import { cliError } from "../errors.ts";
import { readPassword } from "../io/password.ts";

/** Read access to one network, as a configuration names it. */
export interface Reader {
  home: Home;
  config: Config;
  network: NetworkContext;
  l2: Pick<L2Client, "public" | "contracts">;
  /** the node of `client.node_rpc_url` */
  node: FlkClient;
}

/** Someone who signs: a reader with an unlocked owner key. */
export interface Persona extends Reader {
  l2: L2Client;
  account: LocalAccount;
  address: `0x${string}`;
  password: string;
  /** Asks the L2 for the next nonce: after a transaction that was prepared and never sent. */
  forgetNonce(): void;
}

/** Asks every configured URL in turn. */
function transport(l2: L2Config): Transport {
  const urls = l2.rpc_urls.map((url): HttpTransport => http(url, { timeout: 10_000, retryCount: 2 }));
  return urls.length === 1 && urls[0] ? urls[0] : fallback(urls);
}

function chainOf(l2: L2Config): Chain {
  return defineChain({
    id: l2.chain_id,
    name: `L2 ${l2.chain_id}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: l2.rpc_urls } },
  });
}

/** @throws ERR_CONFIG, ERR_CONFIG_MISSING, ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE */
export async function openReader(home: Home): Promise<Reader> {
  const config = await loadConfig(home);
  const { chain_id: chainId, contracts } = config.l2;
  const client: PublicClient = createPublicClient({ ...clientOptions(config.l2), cacheTime: 0 });
  await assertChainId(client, config);
  const node = createFlkClient({
    rpcUrl: config.client.node_rpc_url,
    chainId,
    settlement: contracts.settlement,
  });
  const network = networkContext(chainId, contracts.settlement);
  return { home, config, network, l2: { public: client, contracts }, node };
}

function clientOptions(l2: L2Config): { chain: Chain; transport: Transport; pollingInterval: number } {
  return { chain: chainOf(l2), transport: transport(l2), pollingInterval: Math.ceil(l2.poll_ms / 4) };
}

/** @throws as `openReader`, and the keystore codes */
export async function openPersona(home: Home, password: string): Promise<Persona> {
  const key = await readAccountKey(keystorePaths(home.keystore).owner, password);
  const reader = await openReader(home);
  // several transactions may be on their way at once
  const nonceManager = createNonceManager({ source: jsonRpc() });
  const account = privateKeyToAccount(key.privateKey, { nonceManager });
  const { address } = account;
  const { l2 } = reader.config;
  const wallet = createWalletClient({ ...clientOptions(l2), account });
  const forgetNonce = (): void => nonceManager.reset({ address, chainId: l2.chain_id });
  return { ...reader, l2: { ...reader.l2, wallet }, account, address, password, forgetNonce };
}

export async function personaOf(options: CommonOptions): Promise<Persona> {
  const home = resolveHome(options.home);
  return openPersona(home, await readPassword(options.passwordFile));
}

async function assertChainId(l2: PublicClient, config: Config): Promise<void> {
  let got: number;
  try {
    got = await l2.getChainId();
  } catch (cause) {
    const urls = config.l2.rpc_urls.join(", ");
    throw cliError("ERR_L2_UNREACHABLE", `the L2 does not answer at ${urls} (l2.rpc_urls)`, { urls }, cause);
  }
  const expected = config.l2.chain_id;
  if (got !== expected) {
    throw cliError("ERR_L2_CHAIN_ID", `the L2 has chain id ${got}, l2.chain_id says ${expected}`, {
      got,
      expected,
    });
  }
}
