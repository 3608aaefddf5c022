import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

export interface RegisterServiceParameters {
  owner: Hex;
  /** at most 512 bytes of visible ASCII */
  metadataUri: string;
  /** micro-USD per 10^9 units, by commodity, 1 to 8 of them */
  prices: readonly bigint[];
}

/** Registers a service as the administrator of the contracts; others propose it. @throws ERR_L2_REVERTED, ERR_CONTRACT_UNKNOWN */
export async function registerService(
  l2: L2Client,
  { owner, metadataUri, prices }: RegisterServiceParameters,
): Promise<L2Receipt & { id: number }> {
  const address = contractAddress(l2, "services");
  const call = { address, abi: serviceRegistryAbi, functionName: "registerFor" } as const;
  const { result, ...receipt } = await execute(l2, { ...call, args: [owner, metadataUri, prices] });
  return { ...receipt, id: Number(result) };
}
