import { BaseError, ContractFunctionRevertedError, keccak256 } from "viem";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { forgetNodeId, readNodeId, writeNodeId } from "../config/registration.ts";
import { cliError } from "../errors.ts";
import { type Reader, unreachableL2 } from "./persona.ts";

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
export async function registeredNode(
  { l2, config }: Reader,
  consensusKey: Uint8Array,
): Promise<number | undefined> {
  try {
    const [nodeId] = await l2.public.readContract({
      address: l2.contracts.staking,
      abi: nodeStakingAbi,
      functionName: "keyOwner",
      args: [keccak256(g1ToEip2537(consensusKey))],
    });
    return nodeId === 0 ? undefined : nodeId;
  } catch (error) {
    if (error instanceof BaseError && error.walk((e) => e instanceof ContractFunctionRevertedError))
      return undefined;
    throw unreachableL2(config, error);
  }
}
