import { BaseError, ContractFunctionRevertedError, keccak256, type ReadContractReturnType } from "viem";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { forgetNodeId, readNodeId, writeNodeId } from "../config/registration.ts";
import { cliError } from "../errors.ts";
import { type Reader, unreachableL2 } from "./persona.ts";

/** Amounts in wei, `lockedUntil` in Unix seconds. */
export type StakedNode = ReadContractReturnType<typeof nodeStakingAbi, "node">;

/**
 * The id under which a consensus key (48 bytes) is registered: what the home remembers, if the L2 agrees, else what the L2
 * says. A key that was replaced still names its node. @throws ERR_NOT_REGISTERED, ERR_L2_UNREACHABLE, ERR_REGISTRATION_FILE
 */
export async function findNodeId(reader: Reader, consensusKey: Uint8Array): Promise<number> {
  const { home, config } = reader;
  const known = await readNodeId(home, config, consensusKey);
  const nodeId = await registeredNode(reader, consensusKey);
  if (nodeId === undefined) {
    if (known !== undefined) await forgetNodeId(home);
    throw cliError(
      "ERR_NOT_REGISTERED",
      "no node with this consensus key is on the L2; flk node register adds it",
    );
  }
  if (known !== nodeId) await writeNodeId(home, config, consensusKey, nodeId);
  return nodeId;
}

/** Whose consensus key (48 bytes) this is, in whichever version. @throws ERR_L2_UNREACHABLE */
export async function registeredNode(reader: Reader, consensusKey: Uint8Array): Promise<number | undefined> {
  const { l2 } = reader;
  const owner = await unlessReverted(reader, () =>
    l2.public.readContract({
      address: l2.contracts.staking,
      abi: nodeStakingAbi,
      functionName: "keyOwner",
      args: [keccak256(g1ToEip2537(consensusKey))],
    }),
  );
  return owner?.[0] || undefined;
}

/** What `NodeStaking.node` says of a node. @throws ERR_NOT_REGISTERED, ERR_L2_UNREACHABLE */
export async function nodeOnL2(reader: Reader, nodeId: number): Promise<StakedNode> {
  const { l2 } = reader;
  const found = await unlessReverted(reader, () =>
    l2.public.readContract({
      address: l2.contracts.staking,
      abi: nodeStakingAbi,
      functionName: "node",
      args: [nodeId],
    }),
  );
  if (!found) throw cliError("ERR_NOT_REGISTERED", `no node ${nodeId} is on the L2`, { nodeId });
  return found;
}

async function unlessReverted<T>({ config }: Reader, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError))
      return undefined;
    throw unreachableL2(config, error);
  }
}
