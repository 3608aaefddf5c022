import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** Deposits `amount` micro-USD for `beneficiary`, the wallet when absent; needs an `approve` for the vault before. */
export function topUp(
  l2: L2Client,
  { amount, beneficiary = l2.wallet.account.address }: { amount: bigint; beneficiary?: Hex },
): Promise<L2Receipt> {
  const address = l2.contracts.vault;
  return execute(l2, { address, abi: clientVaultAbi, functionName: "deposit", args: [beneficiary, amount] });
}
