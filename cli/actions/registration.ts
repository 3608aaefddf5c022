import { BaseError, ContractFunctionRevertedError } from "viem";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { toHex } from "#protocol/types/hex.ts";
import { forgetNodeId, readNodeId, writeNodeId } from "../config/registration.ts";
import { cliError } from "../errors.ts";
import { type Reader, unreachableL2 } from "./persona.ts";

/** L2 blocks per log query: public endpoints refuse long ranges. */
const RANGE = 10_000n;

/**
 * The id under which a consensus key (48 bytes) is registered: what the home remembers, if the L2 agrees, else from
 * the L2's logs. @throws ERR_NOT_REGISTERED, ERR_L2_UNREACHABLE, ERR_REGISTRATION_FILE
 */
export async function findNodeId(reader: Reader, consensusKey: Uint8Array): Promise<number> {
  const { home, config } = reader;
  const known = await readNodeId(home, config, consensusKey);
  if (known !== undefined) {
    if (await isRegistered(reader, known, consensusKey)) return known;
    await forgetNodeId(home);
  }
  const nodeId = await searchNodeId(reader, consensusKey);
  await writeNodeId(home, config, consensusKey, nodeId);
  return nodeId;
}

/** Whether the L2 has this consensus key (48 bytes) as the newest of this node. @throws ERR_L2_UNREACHABLE */
export async function isRegistered(
  reader: Reader,
  nodeId: number,
  consensusKey: Uint8Array,
): Promise<boolean> {
  const { l2, config } = reader;
  const contract = { address: l2.contracts.staking, abi: nodeStakingAbi } as const;
  try {
    const { keyVersion } = await l2.public.readContract({
      ...contract,
      functionName: "node",
      args: [nodeId],
    });
    const key = await l2.public.readContract({
      ...contract,
      functionName: "keyOf",
      args: [nodeId, keyVersion],
    });
    return key === toHex(g1ToEip2537(consensusKey));
  } catch (error) {
    if (error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError))
      return false;
    throw unreachableL2(config, error);
  }
}

async function searchNodeId({ l2, config }: Reader, consensusKey: Uint8Array): Promise<number> {
  const wanted = toHex(g1ToEip2537(consensusKey));
  try {
    const head = await l2.public.getBlockNumber();
    for (let from = BigInt(config.l2.deploy_block); from <= head; from += RANGE) {
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
  } catch (error) {
    throw unreachableL2(config, error);
  }
  throw cliError(
    "ERR_NOT_REGISTERED",
    "no node with this consensus key is on the L2; flk node register adds it",
  );
}
