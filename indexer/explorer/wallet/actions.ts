import { createPublicClient, createWalletClient, custom, defineChain, erc20Abi } from "viem";
import { approve } from "#client/actions/approve.ts";
import { claim } from "#client/actions/claim.ts";
import { getTokenBalance } from "#client/actions/get-token-balance.ts";
import { type L2Client, walletSigner } from "#client/actions/l2-client.ts";
import { requestWithdraw } from "#client/actions/request-withdraw.ts";
import { topUp } from "#client/actions/top-up.ts";
import { waitForReceipt } from "#client/actions/wait-for-receipt.ts";
import { withdraw } from "#client/actions/withdraw.ts";
import { createFlkClient, type FlkClient } from "#client/client.ts";
import type { Network } from "./network.ts";
import type { Provider } from "./provider.ts";

type Address = `0x${string}`;

/** ms between two looks for a receipt on the L2 */
const POLL_MS = 1_000;

/** Says what is being waited for. */
export type Tell = (step: string) => void;

/** What an account does with its money here; all of it is loaded only when a wallet is connected. */
export interface MoneyActions {
  /** micro-USD on the L2, not paid in */
  held(): Promise<bigint>;
  /** @throws ERR_L2_REVERTED, ERR_L2_REFUSED, ERR_L2_UNREACHABLE */
  topUp(amount: bigint, tell: Tell): Promise<void>;
  /** @throws the node's codes, ERR_RECEIPT_TIMEOUT, the receipt's own code */
  withdraw(amount: bigint, tell: Tell): Promise<void>;
  /** Pays `account` what is active and not paid. @throws ERR_NOT_SETTLED, ERR_NO_PAYOUT, ERR_L2_REVERTED */
  claim(account: Address, tell: Tell): Promise<{ stable: bigint; flk: bigint }>;
}

export function createMoneyActions(provider: Provider, address: Address, network: Network): MoneyActions {
  const l2 = l2Client(provider, address, network);
  const node = createFlkClient({
    rpcUrl: new URL("/rpc", location.href).href,
    chainId: network.chainId,
    settlement: network.contracts.settlement,
    timeoutMs: 30_000,
  });
  const onRightChain = async (): Promise<void> => {
    if (Number(await l2.public.getChainId()) === network.chainId) return;
    await l2.wallet.switchChain({ id: network.chainId });
  };
  return {
    held: () => getTokenBalance(l2, { token: network.contracts.stable, owner: address }),
    async topUp(amount, tell) {
      await onRightChain();
      await allow(l2, address, amount, tell);
      tell("Confirm the deposit in the wallet");
      await topUp(l2, { amount });
    },
    async withdraw(amount, tell) {
      if (network.sendsTransactions) return withdrawByChain(node, l2, amount, tell);
      await onRightChain();
      tell("Confirm the withdrawal in the wallet");
      await requestWithdraw(l2, { amount });
    },
    async claim(account, tell) {
      await onRightChain();
      tell("Confirm the claim in the wallet");
      const { stable, flk } = await claim(node, l2, { account });
      return { stable, flk };
    },
  };
}

function l2Client(provider: Provider, address: Address, { chainId, contracts }: Network): L2Client {
  const chain = defineChain({
    id: chainId,
    name: "L2",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  const transport = custom(provider as Parameters<typeof custom>[0]);
  const common = { chain, transport, pollingInterval: POLL_MS };
  return {
    public: createPublicClient(common) as L2Client["public"],
    wallet: createWalletClient({ ...common, account: address }),
    contracts,
  };
}

/** The vault takes the money itself, so that it must be allowed to; what is allowed already is used. */
async function allow(l2: L2Client, owner: Address, amount: bigint, tell: Tell): Promise<void> {
  const { stable: token, vault: spender } = l2.contracts;
  const args = [owner, spender] as const;
  const allowed = await l2.public.readContract({
    address: token,
    abi: erc20Abi,
    functionName: "allowance",
    args,
  });
  if (allowed >= amount) return;
  tell("Allow the vault to take it, in the wallet");
  await approve(l2, { token, spender, amount });
}

async function withdrawByChain(node: FlkClient, l2: L2Client, amount: bigint, tell: Tell): Promise<void> {
  tell("Sign the withdrawal in the wallet; it costs no gas");
  const id = await withdraw(node, { signer: walletSigner(l2.wallet), amount });
  tell("Waiting for the committee");
  await waitForReceipt(node, { id });
}
