import {
  BaseError,
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
import { FlkError, isFlkError } from "#protocol/errors/error.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { type Home, resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import type { Config, L2Config } from "../config/schema.ts";
import { type CliCode, cliError } from "../errors.ts";
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

/** Does not ask the L2 yet. */
export function readerOf(home: Home, config: Config): Reader {
  const { chain_id: chainId, contracts } = config.l2;
  const client: PublicClient = createPublicClient({ ...clientOptions(config.l2), cacheTime: 0 });
  const node = createFlkClient({
    rpcUrl: config.client.node_rpc_url,
    chainId,
    settlement: contracts.settlement,
  });
  const network = networkContext(chainId, contracts.settlement);
  return { home, config, network, l2: { public: client, contracts }, node: namingSetting(node) };
}

/** Says of a node that does not answer where it is configured. */
function namingSetting(node: FlkClient): FlkClient {
  return {
    ...node,
    request: (method, params) =>
      node.request(method, params).catch((error: unknown) => {
        if (!isFlkError(error, "ERR_RPC_UNREACHABLE")) throw error;
        const { code, message, data } = error;
        throw new FlkError(code, `${message} (client.node_rpc_url)`, data, { cause: error });
      }),
  };
}

/** @throws ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE */
export async function openReader(home: Home, config: Config): Promise<Reader> {
  const reader = readerOf(home, config);
  await assertChainId(reader);
  return reader;
}

function clientOptions(l2: L2Config): { chain: Chain; transport: Transport; pollingInterval: number } {
  return { chain: chainOf(l2), transport: transport(l2), pollingInterval: Math.ceil(l2.poll_ms / 4) };
}

/** Sends to the L2 of the configuration as `account`. */
export function walletOf(l2: L2Config, account: LocalAccount): L2Client["wallet"] {
  return createWalletClient({ ...clientOptions(l2), account });
}

/** @throws as `openReader`, and the keystore codes */
export async function openPersona(home: Home, config: Config, password: string): Promise<Persona> {
  const key = await readAccountKey(keystorePaths(home.keystore).owner, password);
  const reader = await openReader(home, config);
  // several transactions may be on their way at once
  const nonceManager = createNonceManager({ source: jsonRpc() });
  const account = privateKeyToAccount(key.privateKey, { nonceManager });
  const { address } = account;
  const wallet = walletOf(config.l2, account);
  const forgetNonce = (): void => nonceManager.reset({ address, chainId: config.l2.chain_id });
  return { ...reader, l2: { ...reader.l2, wallet }, account, address, password, forgetNonce };
}

/** The persona of the home; nobody is asked for a password in vain. @throws ERR_CONFIG_MISSING, ERR_CONFIG, as `openPersona` */
export async function personaOf(options: CommonOptions): Promise<Persona> {
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  return openPersona(home, config, await readPassword(options.passwordFile));
}

/** @throws ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE */
export async function assertChainId({ l2, config }: Reader): Promise<void> {
  let got: number;
  try {
    got = await l2.public.getChainId();
  } catch (cause) {
    throw unreachableL2(config, cause);
  }
  const expected = config.l2.chain_id;
  if (got !== expected) {
    throw cliError("ERR_L2_CHAIN_ID", `the L2 has chain id ${got}, l2.chain_id says ${expected}`, {
      got,
      expected,
    });
  }
}

/** Names hosts only: the rest of an RPC URL is often a key. */
export function unreachableL2({ l2 }: Config, cause: unknown): FlkError<CliCode> {
  const hosts = l2.rpc_urls.map((url) => new URL(url).host).join(", ");
  const why = cause instanceof BaseError ? `: ${cause.shortMessage}` : "";
  const message = `the L2 does not answer at ${hosts} (l2.rpc_urls)${why}`;
  return cliError("ERR_L2_UNREACHABLE", message, { hosts }, cause);
}
