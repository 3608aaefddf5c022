import {
  type Abi,
  type Account,
  BaseError,
  type Chain,
  ContractFunctionRevertedError,
  HttpRequestError,
  type PublicClient,
  TimeoutError,
  type Transport,
  toFunctionSelector,
  type WalletClient,
} from "viem";
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
  services?: Hex | undefined;
  /** of governance */
  governor?: Hex | undefined;
  votes?: Hex | undefined;
  slasher?: Hex | undefined;
  /** sells the buyback */
  auction?: Hex | undefined;
}

/** Reads only: an L2Client without a wallet. */
export type L2Reader = Pick<L2Client, "public" | "contracts">;

/** The address of a contract that not everybody needs. @throws ERR_CONTRACT_UNKNOWN */
export function contractAddress({ contracts }: Pick<L2Client, "contracts">, name: keyof Contracts): Hex {
  const address = contracts[name];
  if (address) return address;
  throw clientError("ERR_CONTRACT_UNKNOWN", `the address of ${name} is not known here`, { name });
}

/** What L2 actions work on. */
export interface L2Client {
  public: PublicClient;
  /** with an account, which pays the gas */
  wallet: WalletClient<Transport, Chain, Account>;
  contracts: Contracts;
}

/**
 * An estimate runs in the newest block and without a gas price. In a block of its own a call can cost more: a checkpoint of votes
 * is new there, and a poster is paid back.
 */
const GAS_MARGIN_PERCENT = 40n;

export interface L2Receipt {
  txHash: Hex;
  blockNumber: bigint;
  gasUsed: bigint;
}

/**
 * Simulates, sends and waits until it is mined, so that a revert is told by the contract's own error.
 * @throws ERR_L2_REVERTED naming it, ERR_L2_UNREACHABLE, ERR_L2_REFUSED (not taken, e.g. no money for gas)
 */
export async function execute<const TAbi extends Abi>(
  l2: L2Client,
  call: { address: Hex; abi: TAbi; functionName: string; args: readonly unknown[] },
): Promise<L2Receipt & { result: unknown }> {
  const { abi, ...rest } = call;
  const { account, chain } = l2.wallet;
  try {
    const simulated = await l2.public.simulateContract({ ...rest, abi: abi as Abi, account });
    const estimate = await l2.public.estimateContractGas({ ...rest, abi: abi as Abi, account });
    const gas = (estimate * (100n + GAS_MARGIN_PERCENT)) / 100n;
    const txHash = await l2.wallet.writeContract({ ...simulated.request, chain, account, gas });
    const receipt = await l2.public.waitForTransactionReceipt({ hash: txHash });
    if (receipt.status !== "success") {
      throw clientError("ERR_L2_REVERTED", `${call.functionName} reverted on the L2`, { txHash });
    }
    return { txHash, blockNumber: receipt.blockNumber, gasUsed: receipt.gasUsed, result: simulated.result };
  } catch (error) {
    throw l2Error(call.functionName, error);
  }
}

/** What tokens say (ERC-6093) when our contracts call them: it is in no ABI of those. */
const TOKEN_ERRORS = [
  "ERC20InsufficientBalance(address,uint256,uint256)",
  "ERC20InsufficientAllowance(address,uint256,uint256)",
  "ERC20InvalidReceiver(address)",
];

function tokenError(raw: Hex | undefined): string | undefined {
  return TOKEN_ERRORS.find((error) => raw?.startsWith(toFunctionSelector(error)))?.replace(/\(.*/, "");
}

/** viem's errors with codes; anything else as it is. */
function l2Error(name: string, cause: unknown): unknown {
  if (!(cause instanceof BaseError)) return cause;
  const revert = cause.walk((error) => error instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) {
    const reason =
      revert.data?.errorName ??
      revert.reason ??
      tokenError(revert.raw) ??
      revert.signature ??
      revert.shortMessage;
    return clientError("ERR_L2_REVERTED", `${name}: ${reason}`, { function: name, reason }, { cause });
  }
  const silent = cause.walk((error) => error instanceof HttpRequestError || error instanceof TimeoutError);
  if (silent)
    return clientError(
      "ERR_L2_UNREACHABLE",
      `${name}: the L2 does not answer`,
      { function: name },
      { cause },
    );
  return clientError("ERR_L2_REFUSED", `${name}: ${cause.shortMessage}`, { function: name }, { cause });
}

/** A wallet as the signer of protocol transactions. */
export function walletSigner(wallet: WalletClient<Transport, Chain | undefined, Account>): AccountSigner {
  return {
    address: wallet.account.address,
    signTypedData: (typedData) => wallet.signTypedData({ ...typedData, account: wallet.account }),
  };
}
