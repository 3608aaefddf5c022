import type { Abi, Account, Chain, PublicClient, Transport, WalletClient } from "viem";
import type { Hex } from "#protocol/types/hex.ts";
import { clientError } from "../errors.ts";
import type { AccountSigner } from "./send-transaction.ts";

/** The contracts' addresses, as the deployment names them. */
export interface Contracts {
  settlement: Hex;
  staking: Hex;
  vault: Hex;
  flk: Hex;
  stable: Hex;
}

/** What L2 actions work on. */
export interface L2Client {
  public: PublicClient;
  /** with an account, which pays the gas */
  wallet: WalletClient<Transport, Chain, Account>;
  contracts: Contracts;
}

export interface L2Receipt {
  txHash: Hex;
  blockNumber: bigint;
  gasUsed: bigint;
}

/**
 * Simulates, sends and waits until it is mined, so that a revert is told by the contract's own error.
 * @throws ERR_L2_REVERTED naming it; viem's errors when the L2 does not answer
 */
export async function execute<const TAbi extends Abi>(
  l2: L2Client,
  call: { address: Hex; abi: TAbi; functionName: string; args: readonly unknown[] },
): Promise<L2Receipt & { result: unknown }> {
  const { abi, ...rest } = call;
  const simulated = await l2.public
    .simulateContract({ ...rest, abi: abi as Abi, account: l2.wallet.account })
    .catch((cause: unknown) => {
      throw reverted(call.functionName, cause);
    });
  const txHash = await l2.wallet.writeContract({
    ...simulated.request,
    chain: l2.wallet.chain,
    account: l2.wallet.account,
  });
  const receipt = await l2.public.waitForTransactionReceipt({ hash: txHash });
  if (receipt.status !== "success") {
    throw clientError("ERR_L2_REVERTED", `${call.functionName} reverted on the L2`, { txHash });
  }
  return { txHash, blockNumber: receipt.blockNumber, gasUsed: receipt.gasUsed, result: simulated.result };
}

function reverted(name: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause.name !== "ContractFunctionExecutionError") return cause;
  const short = "shortMessage" in cause ? String(cause.shortMessage) : cause.message;
  return clientError("ERR_L2_REVERTED", `${name}: ${short}`, { function: name }, { cause });
}

/** A wallet as the signer of protocol transactions. */
export function walletSigner(wallet: WalletClient<Transport, Chain | undefined, Account>): AccountSigner {
  return {
    address: wallet.account.address,
    signTypedData: (typedData) => wallet.signTypedData({ ...typedData, account: wallet.account }),
  };
}
