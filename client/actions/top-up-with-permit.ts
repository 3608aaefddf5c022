import { parseSignature } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** ERC-2612 typed data. */
export const PERMIT = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** s that a permit is valid */
const PERMIT_SECONDS = 3600n;

/** Deposits `amount` micro-USD for `beneficiary`, the wallet when absent, in one transaction (ERC-2612). */
export async function topUpWithPermit(
  l2: L2Client,
  { amount, beneficiary = l2.wallet.account.address }: { amount: bigint; beneficiary?: Hex },
): Promise<L2Receipt> {
  const { stable, vault } = l2.contracts;
  const owner = l2.wallet.account.address;
  const token = { address: stable, abi: mockUsdAbi } as const;
  const [[, name, version, chainId], nonce, block] = await Promise.all([
    l2.public.readContract({ ...token, functionName: "eip712Domain" }),
    l2.public.readContract({ ...token, functionName: "nonces", args: [owner] }),
    l2.public.getBlock(),
  ]);
  const deadline = block.timestamp + PERMIT_SECONDS;
  const signature = await l2.wallet.signTypedData({
    account: l2.wallet.account,
    domain: { name, version, chainId: Number(chainId), verifyingContract: stable },
    types: PERMIT,
    primaryType: "Permit",
    message: { owner, spender: vault, value: amount, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  const args = [beneficiary, amount, deadline, 27 + yParity, r, s];
  return execute(l2, { address: vault, abi: clientVaultAbi, functionName: "depositWithPermit", args });
}
