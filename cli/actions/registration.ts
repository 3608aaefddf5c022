import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { toHex } from "#protocol/types/hex.ts";
import { cliError } from "../errors.ts";
import type { Reader } from "./persona.ts";

/** L2 blocks per log query: public endpoints refuse long ranges. */
const RANGE = 10_000n;

/** The id under which a consensus key (48 bytes) is registered. @throws ERR_NOT_REGISTERED */
export async function findNodeId({ l2, config }: Reader, consensusKey: Uint8Array): Promise<number> {
  const { deploy_block } = config.l2;
  const wanted = toHex(g1ToEip2537(consensusKey));
  const head = await l2.public.getBlockNumber();
  for (let from = BigInt(deploy_block); from <= head; from += RANGE) {
    const logs = await l2.public.getContractEvents({
      address: l2.contracts.staking,
      abi: nodeStakingAbi,
      eventName: "NodeRegistered",
      fromBlock: from,
      toBlock: from + RANGE - 1n < head ? from + RANGE - 1n : head,
      strict: true,
    });
    const found = logs.find(({ args }) => args.key === wanted);
    if (found) return found.args.nodeId;
  }
  throw cliError(
    "ERR_NOT_REGISTERED",
    "no node with this consensus key is on the L2; flk node register adds it",
  );
}
