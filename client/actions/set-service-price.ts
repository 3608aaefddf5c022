import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Sets a price, micro-USD per 10^9 units, of a service that the wallet owns. @throws ERR_L2_REVERTED */
export function setServicePrice(
  l2: L2Client,
  { service, commodity, price }: { service: number; commodity: number; price: bigint },
): Promise<L2Receipt> {
  const address = contractAddress(l2, "services");
  const call = { address, abi: serviceRegistryAbi, functionName: "setPrice" } as const;
  return execute(l2, { ...call, args: [service, commodity, price] });
}
