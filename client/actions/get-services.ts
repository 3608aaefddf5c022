import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, type L2Reader } from "./l2-client.ts";

export interface RegisteredService {
  id: number;
  owner: Hex;
  metadataUri: string;
  /** micro-USD per 10^9 units, by commodity */
  prices: readonly bigint[];
}

/** Every service that is registered, by id. @throws ERR_CONTRACT_UNKNOWN */
export async function getServices(l2: L2Reader): Promise<RegisteredService[]> {
  const services = { address: contractAddress(l2, "services"), abi: serviceRegistryAbi } as const;
  const count = await l2.public.readContract({ ...services, functionName: "serviceCount" });
  return Promise.all(
    Array.from({ length: count }, async (_, id) => {
      const service = await l2.public.readContract({ ...services, functionName: "service", args: [id] });
      return { id, ...service };
    }),
  );
}
