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
  type TransactionReceipt,
  WaitForTransactionReceiptTimeoutError,
  type WalletClient,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { L2Poster } from "#node/interface/l2.ts";
import type { Logger } from "#node/interface/logger.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import {
  type L2Settlement,
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
import { findSettled } from "./find-settled.ts";

const REQUEST_TIMEOUT_MS = 10_000;
const RECEIPT_TIMEOUT_MS = 120_000;
const RECEIPT_POLL_MS = 500;
/** Above the estimate: the settlement before may become due, and the poster is paid back, only in the block that takes the call. */
const GAS_OF_ACTIVATION = 200_000n;
/** Activations of one call: each is a transaction. */
const MOST_AT_ONCE = 16;

export interface L2PosterOptions {
  /** tried in this order */
  rpcUrls: readonly string[];
  chainId: number;
  settlement: Hex;
  /** first L2 block that can hold a log of the settlement contract */
  fromBlock: number;
  /** secp256k1 key that pays the gas; anyone may post */
  privateKey: Hex;
  logger: Logger;
}

function settleArguments(certificate: SettlementCertificate, previous: L2Settlement) {
  const { settlement: s, committee, signers } = certificate;
  const nonSigners = committee.members.filter((_, i) => !signers.get(i)).map((member) => member.nodeId);
  return [
    previous,
    toL2Settlement(s),
    toL2Committee(committee),
    nonSigners,
    toHex(g2ToEip2537(certificate.signature)),
  ] as const;
}

function assertSuccess({ status, transactionHash: txHash }: TransactionReceipt, epoch: number): void {
  if (status === "success") return;
  throw l2Error("ERR_L2_SETTLE", "the transaction reverted", { epoch, txHash, reason: "reverted" });
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

  async activate(
    settlementOf: (epoch: number) => Promise<Settlement | undefined>,
  ): Promise<number | undefined> {
    for (let made = 0; made < MOST_AT_ONCE; made++) {
      const waiting = await this.#firstPending();
      if (!waiting || waiting.held) return undefined;
      if (waiting.dueInMs > 0) return waiting.dueInMs;
      const { epoch, digest } = waiting;
      const own = await settlementOf(epoch);
      const known = own && toHex(settlementDigest(own)) === digest ? toL2Settlement(own) : undefined;
      const settlement = known ?? (await this.#findSettled(digest));
      if (!settlement) throw l2Error("ERR_L2_LOG", "the L2 does not show a settlement that waits", { epoch });
      try {
        const { transactionHash: txHash, gasUsed: gas } = await this.#activate(settlement);
        this.#options.logger.info("l2.activated", { epoch, txHash, gas });
      } catch (error) {
        // also the way to learn that someone else's transaction came first
        if ((await this.#firstPending())?.epoch === epoch) throw error;
      }
    }
    return 0;
  }

  async #post(
    certificate: SettlementCertificate,
    previous: Settlement | undefined,
  ): Promise<{ txHash: Hex; gasUsed: bigint }> {
    await this.#assertChainId();
    const before = previous ? toL2Settlement(previous) : await this.#newestPosted();
    const call = {
      ...this.#contract,
      functionName: "settle",
      args: settleArguments(certificate, before),
    } as const;
    const receipt = await this.#guard(async () => {
      const gas = await this.#client.estimateContractGas({ ...call, account: this.#account });
      const hash = await this.#wallet.writeContract({
        ...call,
        account: this.#account,
        chain: null,
        gas: (gas * 5n) / 4n + GAS_OF_ACTIVATION,
      });
      return this.#mined(hash);
    });
    assertSuccess(receipt, certificate.settlement.epoch);
    return { txHash: receipt.transactionHash, gasUsed: receipt.gasUsed };
  }

  async #activate(settlement: L2Settlement): Promise<TransactionReceipt> {
    await this.#assertChainId();
    const call = { ...this.#contract, functionName: "activate", args: [settlement] } as const;
    const receipt = await this.#guard(async () => {
      const gas = await this.#client.estimateContractGas({ ...call, account: this.#account });
      const hash = await this.#wallet.writeContract({
        ...call,
        account: this.#account,
        chain: null,
        gas: (gas * 5n) / 4n,
      });
      return this.#mined(hash);
    });
    assertSuccess(receipt, Number(settlement.epoch));
    return receipt;
  }

  get #contract() {
    return { address: this.#options.settlement, abi: epochSettlementAbi } as const;
  }

  #mined(hash: Hex): Promise<TransactionReceipt> {
    return this.#client.waitForTransactionReceipt({ hash, timeout: RECEIPT_TIMEOUT_MS });
  }

  /** What `settle` takes as the settlement before; zeros when the start or a restart is newer than every settlement. */
  async #newestPosted(): Promise<L2Settlement> {
    const { nextEpoch, digest } = await this.#status();
    if (nextEpoch === 0) return NO_SETTLEMENT;
    return (await this.#findSettled(digest)) ?? NO_SETTLEMENT;
  }

  #findSettled(digest: Hex): Promise<L2Settlement | undefined> {
    const { settlement, fromBlock } = this.#options;
    return this.#guard(() => findSettled(this.#client, settlement, BigInt(fromBlock), digest));
  }

  async #firstPending(): Promise<{ epoch: number; digest: Hex; dueInMs: number; held: boolean } | undefined> {
    const { nextEpoch, firstPending, frozen } = await this.#status();
    if (frozen || firstPending === nextEpoch) return undefined;
    const args = [BigInt(firstPending)] as const;
    const [[digest, activatesAt, reasons], { timestamp }] = await this.#guard(() =>
      Promise.all([
        this.#client.readContract({ ...this.#contract, functionName: "pending", args }),
        this.#client.getBlock(),
      ]),
    );
    const dueInMs = Number(activatesAt - timestamp) * 1_000;
    return { epoch: firstPending, digest, dueInMs, held: reasons !== 0 };
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

  async #status(): Promise<{ nextEpoch: number; firstPending: number; frozen: boolean; digest: Hex }> {
    const { nextEpoch, firstPending, frozen, digest } = await this.#guard(() =>
      this.#client.readContract({ ...this.#contract, functionName: "status" }),
    );
    return { nextEpoch: Number(nextEpoch), firstPending: Number(firstPending), frozen, digest };
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
 * Posts settlements to EpochSettlement and makes them active.
 * @throws ERR_L2_SETTLE with the name of the contract's error, or why the account cannot send, in `data.reason`;
 * ERR_L2_OTHER_SETTLEMENT, ERR_L2_CHAIN_ID, ERR_L2_UNREACHABLE
 */
export function createL2Poster(options: L2PosterOptions): L2Poster {
  return new RpcL2Poster(options);
}
