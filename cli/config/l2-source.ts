import type { L2Config } from "./schema.ts";

/** Where and from when the L2 is read, in the words of the code. */
export function l2Source(l2: L2Config) {
  const { rpc_urls: rpcUrls, chain_id: chainId, contracts, deploy_block: fromBlock, poll_ms: pollMs } = l2;
  return { rpcUrls, chainId, contracts, fromBlock, pollMs };
}
