import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  fallback,
  HttpRequestError,
  http,
  type PublicClient,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
  type WalletClient,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { L2Poster } from "#node/interface/l2.ts";
import type { Logger } from "#node/interface/logger.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import {
  NO_SETTLEMENT,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { Settlement, SettlementCertificate } from "#protocol/types/settlement.ts";
import { unreachable } from "./agreeing-rpc.ts";
import { l2Error } from "./errors.ts";

const REQUEST_TIMEOUT_MS = 10_000;
const RECEIPT_TIMEOUT_MS = 120_000;
const RECEIPT_POLL_MS = 500;

export interface L2PosterOptions {
  /** tried in this order */
  rpcUrls: readonly string[];
  chainId: number;
  settlement: Hex;
  /** secp256k1 key that pays the gas; anyone may post */
  privateKey: Hex;
  logger: Logger;
}

function settleArguments(certificate: SettlementCertificate, previous: Settlement | undefined) {
  const { settlement: s, committee, signers } = certificate;
  const nonSigners = committee.members.filter((_, i) => !signers.get(i)).map((member) => member.nodeId);
  return [
    previous ? toL2Settlement(previous) : NO_SETTLEMENT,
    toL2Settlement(s),
    toL2Committee(committee),
    nonSigners,
    toHex(g2ToEip2537(certificate.signature)),
  ] as const;
}

function isTransport(error: unknown): boolean {
  return (
    error instanceof HttpRequestError ||
    error instanceof TimeoutError ||
    error instanceof WaitForTransactionReceiptTimeoutError
  );
}

class RpcL2Poster implements L2Poster {
  #options: L2PosterOptions;
  #client: PublicClient;
  #wallet: WalletClient;
  #account: PrivateKeyAccount;

  constructor(options: L2PosterOptions) {
    this.#options = options;
    const transport = fallback(
      options.rpcUrls.map((url) => http(url, { timeout: REQUEST_TIMEOUT_MS, retryCount: 0 })),
      { retryCount: 0 },
    );
    this.#account = privateKeyToAccount(options.privateKey);
    this.#client = createPublicClient({ transport, pollingInterval: RECEIPT_POLL_MS, cacheTime: 0 });
    this.#wallet = createWalletClient({ transport, account: this.#account });
  }

  async lastSettledEpoch(): Promise<number> {
    return (await this.#status()).nextEpoch - 1;
  }

  async settle(
    certificate: SettlementCertificate,
    previous: Settlement | undefined,
  ): Promise<{ txHash: string; gasUsed: bigint } | undefined> {
    const { epoch } = certificate.settlement;
    if (await this.#isSettled(certificate)) return undefined;
    try {
      const posted = await this.#post(certificate, previous);
      this.#options.logger.info("l2.settled", { epoch, txHash: posted.txHash, gas: posted.gasUsed });
      return posted;
    } catch (error) {
      // also the way to learn that someone else's transaction came first
      if (await this.#isSettled(certificate)) return undefined;
      throw error;
    }
  }

  async #post(
    certificate: SettlementCertificate,
    previous: Settlement | undefined,
  ): Promise<{ txHash: Hex; gasUsed: bigint }> {
    await this.#assertChainId();
    const call = {
      address: this.#options.settlement,
      abi: epochSettlementAbi,
      functionName: "settle",
      args: settleArguments(certificate, previous),
      account: this.#account,
    } as const;
    const receipt = await this.#guard(async () => {
      const gas = await this.#client.estimateContractGas(call);
      const hash = await this.#wallet.writeContract({ ...call, chain: null, gas: (gas * 5n) / 4n });
      return this.#client.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS });
    });
    if (receipt.status !== "success") {
      const data = {
        epoch: certificate.settlement.epoch,
        txHash: receipt.transactionHash,
        reason: "reverted",
      };
      throw l2Error("ERR_L2_SETTLE", "the settlement's transaction reverted", data);
    }
    return { txHash: receipt.transactionHash, gasUsed: receipt.gasUsed };
  }

  async #assertChainId(): Promise<void> {
    const expected = this.#options.chainId;
    const got = await this.#guard(() => this.#client.getChainId());
    if (got === expected) return;
    const message = `the L2 is chain ${got}, the configuration says ${expected}`;
    throw l2Error("ERR_L2_CHAIN_ID", message, { expected, got });
  }

  /** @throws ERR_L2_OTHER_SETTLEMENT when the L2 holds another one of the same epoch */
  async #isSettled(certificate: SettlementCertificate): Promise<boolean> {
    const { settlement } = certificate;
    const { nextEpoch, digest } = await this.#status();
    if (nextEpoch <= settlement.epoch) return false;
    const own = toHex(settlementDigest(settlement));
    if (nextEpoch === settlement.epoch + 1 && digest !== own) {
      const data = { epoch: settlement.epoch, own, posted: digest };
      throw l2Error("ERR_L2_OTHER_SETTLEMENT", "the L2 holds another settlement of this epoch", data);
    }
    return true;
  }

  async #status(): Promise<{ nextEpoch: number; digest: Hex }> {
    const { settlement } = this.#options;
    const status = await this.#guard(() =>
      this.#client.readContract({ address: settlement, abi: epochSettlementAbi, functionName: "status" }),
    );
    return { nextEpoch: Number(status.nextEpoch), digest: status.digest };
  }

  async #guard<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (isFlkError(cause)) throw cause;
      const host = new URL(this.#options.rpcUrls[0] as string).host;
      if (!(cause instanceof BaseError) || cause.walk(isTransport)) throw unreachable(host, cause);
      const reverted = cause.walk((error) => error instanceof ContractFunctionRevertedError);
      const named = reverted instanceof ContractFunctionRevertedError ? reverted.data : undefined;
      const deepest = cause.walk();
      const reason = named?.errorName ?? (deepest instanceof Error ? deepest.name : "unknown");
      const args = named?.args?.map(String).join(", ") ?? "";
      throw l2Error(
        "ERR_L2_SETTLE",
        `the L2 refuses the settlement: ${reason}(${args})`,
        { reason },
        { cause },
      );
    }
  }
}

/**
 * Posts settlements to EpochSettlement.
 * @throws ERR_L2_SETTLE with the name of the contract's error, or why the account cannot send, in `data.reason`;
 * ERR_L2_OTHER_SETTLEMENT, ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE
 */
export function createL2Poster(options: L2PosterOptions): L2Poster {
  return new RpcL2Poster(options);
}
