import { encodeFunctionData, parseSignature } from "viem";
import { PERMIT } from "#client/actions/top-up-with-permit.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import type { Hex } from "#protocol/types/hex.ts";
import type { GasL2 } from "./l2.ts";

/** micro-USD */
const TOP_UP = 25_000_000n;
/** Seconds; the EVM's clock may run ahead of the machine's. */
const DEADLINE = 4_102_444_800n;

export interface TopUpGas {
  /** by a client that never topped up */
  first: bigint;
  again: bigint;
}

/** Gives the vault `funds` micro-USD for the payouts to come, then measures two top-ups of one client. */
export async function measureTopUp(l2: GasL2, funds: bigint): Promise<TopUpGas> {
  const { stable } = l2.deployment;
  const [, funder, client] = l2.accounts as [Hex, Hex, Hex];
  for (const [to, amount] of [
    [funder, funds],
    [client, 3n * TOP_UP],
  ] as const) {
    await l2.send(
      funder,
      stable,
      encodeFunctionData({ abi: mockUsdAbi, functionName: "mint", args: [to, amount] }),
    );
  }
  await topUp(l2, funder, funds);
  return { first: await topUp(l2, client, TOP_UP), again: await topUp(l2, client, TOP_UP) };
}

async function topUp(l2: GasL2, payer: Hex, amount: bigint): Promise<bigint> {
  const { chainId, stable, vault } = l2.deployment;
  const nonce = await l2.client.readContract({
    address: stable,
    abi: mockUsdAbi,
    functionName: "nonces",
    args: [payer],
  });
  const permit = await l2.client.signTypedData({
    account: payer,
    domain: { name: "Mock USD", version: "1", chainId, verifyingContract: stable },
    types: PERMIT,
    primaryType: "Permit",
    message: { owner: payer, spender: vault, value: amount, nonce, deadline: DEADLINE },
  });
  const { r, s, yParity } = parseSignature(permit);
  const data = encodeFunctionData({
    abi: clientVaultAbi,
    functionName: "depositWithPermit",
    args: [payer, amount, DEADLINE, 27 + yParity, r, s],
  });
  return l2.send(payer, vault, data);
}
