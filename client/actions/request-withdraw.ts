import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/**
 * Asks on the L2 for `amount` micro-USD of the wallet's balance, or all of it when that is less, to become a payout: what `withdraw`
 * does, for accounts that are contracts and where nodes do not take the account's transactions. @throws ERR_L2_REVERTED
 */
export function requestWithdraw(l2: L2Client, { amount }: { amount: bigint }): Promise<L2Receipt> {
  const address = l2.contracts.vault;
  return execute(l2, { address, abi: clientVaultAbi, functionName: "requestWithdraw", args: [amount] });
}
