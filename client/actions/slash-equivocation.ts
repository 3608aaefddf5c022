import { slasherAbi } from "#protocol/abi/Slasher.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { contractAddress, execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Two payloads that were signed for one (kind, epoch, slot), as the Slasher takes them. */
export interface Evidence {
  /** 1 header, 2 vote, 3 attestation, 4 settlement */
  kind: number;
  epoch: bigint;
  slot: bigint;
  payloadA: Hex;
  /** keys that signed payloadA, each nodeId · 2^32 + keyVersion, ascending */
  signersA: readonly bigint[];
  payloadB: Hex;
  signersB: readonly bigint[];
  /** EIP-2537 G2: the sum of all signatures over both */
  signature: Hex;
}

/**
 * Has every node slashed whose key signed both payloads. Anyone; `reporter`, the wallet when absent, gets a part. Returns the wei that
 * were taken. @throws ERR_L2_REVERTED, ERR_CONTRACT_UNKNOWN
 */
export async function slashEquivocation(
  l2: L2Client,
  { evidence, reporter = l2.wallet.account.address }: { evidence: Evidence; reporter?: Hex },
): Promise<L2Receipt & { slashed: bigint }> {
  const address = contractAddress(l2, "slasher");
  const args = [evidence, reporter];
  const done = await execute(l2, { address, abi: slasherAbi, functionName: "slashEquivocation", args });
  return { ...done, slashed: typeof done.result === "bigint" ? done.result : 0n };
}
