import { toHex as randomHex } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { execute, type L2Client, type L2Receipt } from "./l2-client.ts";

/** ERC-3009 typed data. */
const RECEIVE_WITH_AUTHORIZATION = {
  ReceiveWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
} as const;

/** s that an authorization is valid unless told */
const VALID_SECONDS = 3600n;

/** A signed deposit that anybody may submit, once: whoever submits it pays the gas and can change nothing. */
export interface TopUpAuthorization {
  from: Hex;
  beneficiary: Hex;
  /** micro-USD */
  amount: bigint;
  /** Unix seconds, both exclusive */
  validAfter: bigint;
  validBefore: bigint;
  salt: Hex;
  signature: Hex;
}

/** Signs a deposit of `amount` micro-USD of the wallet for `beneficiary`, the wallet when absent. Needs no ETH. */
export async function authorizeTopUp(
  l2: L2Client,
  parameters: { amount: bigint; beneficiary?: Hex | undefined; seconds?: bigint },
): Promise<TopUpAuthorization> {
  const { stable, vault } = l2.contracts;
  const from = l2.wallet.account.address;
  const { amount, beneficiary = from, seconds = VALID_SECONDS } = parameters;
  const salt = randomHex(crypto.getRandomValues(new Uint8Array(32)));
  const [[, name, version, chainId], nonce, block] = await Promise.all([
    l2.public.readContract({ address: stable, abi: mockUsdAbi, functionName: "eip712Domain" }),
    l2.public.readContract({
      address: vault,
      abi: clientVaultAbi,
      functionName: "authorizationNonce",
      args: [beneficiary, salt],
    }),
    l2.public.getBlock(),
  ]);
  const validity = { validAfter: 0n, validBefore: block.timestamp + seconds };
  const signature = await l2.wallet.signTypedData({
    account: l2.wallet.account,
    domain: { name, version, chainId: Number(chainId), verifyingContract: stable },
    types: RECEIVE_WITH_AUTHORIZATION,
    primaryType: "ReceiveWithAuthorization",
    message: { from, to: vault, value: amount, ...validity, nonce },
  });
  return { from, beneficiary, amount, ...validity, salt, signature };
}

/** Deposits what `authorization` says (ERC-3009). Anyone. @throws ERR_L2_REVERTED */
export function topUpWithAuthorization(
  l2: L2Client,
  { authorization }: { authorization: TopUpAuthorization },
): Promise<L2Receipt> {
  const { from, beneficiary, amount, validAfter, validBefore, salt, signature } = authorization;
  return execute(l2, {
    address: l2.contracts.vault,
    abi: clientVaultAbi,
    functionName: "depositWithAuthorization",
    args: [from, beneficiary, amount, validAfter, validBefore, salt, signature],
  });
}
