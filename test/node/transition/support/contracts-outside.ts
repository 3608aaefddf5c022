import assert from "node:assert/strict";
import { type Abi, createTestClient, http, type TransactionReceipt } from "viem";
import type { MinedLog } from "#node/l2/agreeing-rpc.ts";
import { parseLogs } from "#node/l2/parse-logs.ts";
import type { ClosedEpoch } from "#node/transition/execute.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { type NetworkContext, networkContext } from "#protocol/digests/network.ts";
import { popMessage, toL2Committee, toL2Settlement } from "#protocol/digests/settlement.ts";
import { payoutProof } from "#protocol/digests/trees.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { signedSettle } from "#test/contracts/support/committee.ts";
import { startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";
import { nodeKeys } from "./keys.ts";
import type { LotClosed, Outside, Sale } from "./outside.ts";
import { START } from "./world.ts";

const NODES = 6;
const GAS = 5_000_000n;
const BPS = 10_000n;
const NO_LIMIT = (1n << 256n) - 1n;
/** seconds */
const ACTIVATION_DELAY = 3;
const AUCTION = 10;
const MONEY = 10n ** 15n;

interface Call {
  address: Hex;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

/** The L2's contracts on an EVM, of which every history begins with the same state. The deployer holds all FLK and buys the lots. */
export class ContractsOutside implements Outside {
  readonly l2: TestL2;
  readonly network: NetworkContext;
  readonly startBlock: number;
  readonly auction: Uint8Array;
  readonly #node;
  #snapshot: Hex;
  #now = START / 1000;
  #settled: ClosedEpoch[] = [];

  private constructor(l2: TestL2, startBlock: number, snapshot: Hex) {
    this.l2 = l2;
    this.network = networkContext(l2.deployment.chainId, l2.deployment.settlement);
    this.startBlock = startBlock;
    this.auction = fromHex(l2.deployment.auction);
    this.#node = testClient(l2);
    this.#snapshot = snapshot;
  }

  /** With the nodes of the model registered and the network started by its first committee. */
  static async start(): Promise<ContractsOutside> {
    const l2 = await startTestL2({
      minBalance: 0n,
      activationDelay: BigInt(ACTIVATION_DELAY),
      auctionDuration: BigInt(AUCTION),
      auctionMinLot: 1n,
    });
    try {
      const node = testClient(l2);
      await node.setNextBlockTimestamp({ timestamp: BigInt(START / 1000) - 100n });
      const networkId = fromHex(l2.deployment.networkId);
      for (let nodeId = 1; nodeId <= NODES; nodeId++) await register(l2, networkId, nodeId);
      const { stable, vault, auction, flk, settlement, deployer } = l2.deployment;
      const usd = { address: stable, abi: mockUsdAbi };
      await send(l2, { ...usd, functionName: "mint", args: [deployer, MONEY] });
      await send(l2, { ...usd, functionName: "approve", args: [vault, NO_LIMIT] });
      await send(l2, { address: flk, abi: flkAbi, functionName: "approve", args: [auction, NO_LIMIT] });
      await node.setNextBlockTimestamp({ timestamp: BigInt(START / 1000) });
      const { blockNumber } = await send(l2, {
        address: settlement,
        abi: epochSettlementAbi,
        functionName: "start",
        args: [toL2Committee(firstCommittee()), BigInt(START)],
      });
      return new ContractsOutside(l2, Number(blockNumber), await node.snapshot());
    } catch (error) {
      await l2.stop();
      throw error;
    }
  }

  /** Everything as it was at the start. */
  async reset(): Promise<void> {
    await this.#node.revert({ id: this.#snapshot });
    this.#snapshot = await this.#node.snapshot();
    this.#now = START / 1000;
    this.#settled = [];
  }

  stop(): Promise<void> {
    return this.l2.stop();
  }

  async deposit(account: Uint8Array, amount: bigint): Promise<void> {
    await this.#call("vault", clientVaultAbi, "deposit", [toHex(account), amount]);
  }

  async settle(closed: ClosedEpoch): Promise<void> {
    const { settlement, committee } = closed;
    await this.#reach(Math.ceil(settlement.closeTime / 1000));
    const previous = this.#settled.at(-1)?.settlement;
    const keyOf = (nodeId: number) => nodeKeys(nodeId).consensus;
    const args = signedSettle(toHex(this.network.networkId), settlement, committee, [], previous, keyOf);
    await this.#call("settlement", epochSettlementAbi, "settle", args);
    await this.#reach(this.#now + ACTIVATION_DELAY + 1);
    await this.#call("settlement", epochSettlementAbi, "activate", [toL2Settlement(settlement)]);
    this.#settled.push(closed);
  }

  async sell({ share }: Sale): Promise<LotClosed | undefined> {
    const closed = this.#settled.at(-1);
    const proof = closed && payoutProof(closed.report.payouts, this.auction);
    if (!proof || (await this.#isCovered(closed.report.epoch))) return undefined;
    const { stable, flk } = proof.entry;
    const { auction } = this.l2.deployment;
    const [held, claimed] = [await this.#balance("stable", auction), await this.claimed(this.auction)];
    if (held + stable - claimed.stable === 0n) return undefined;
    const opened = await this.#call("auction", buybackAuctionAbi, "open", [stable, flk, proof.proof]);
    const lots = await this.#read<bigint>("auction", buybackAuctionAbi, "lotCount", []);
    const lotId = lots - 1n;
    const { amount } = await this.#read<{ amount: bigint }>("auction", buybackAuctionAbi, "lot", [lotId]);
    const wanted = (amount * BigInt(share)) / BPS;
    const logs = [opened];
    if (wanted > 0n) {
      await this.#reach(this.#now + AUCTION / 2);
      const bid = [lotId, wanted, NO_LIMIT, this.l2.deployment.deployer];
      logs.push(await this.#call("auction", buybackAuctionAbi, "bid", bid));
    }
    if (wanted < amount) {
      await this.#reach(this.#now + AUCTION + 1);
      logs.push(await this.#call("auction", buybackAuctionAbi, "close", [lotId]));
    }
    return this.#lotOf(logs);
  }

  /** What every payee of the newest settlement can claim, is claimed. */
  async claimAll(): Promise<void> {
    const payouts = this.#settled.at(-1)?.report.payouts ?? [];
    for (const { account, stable, flk } of payouts) {
      const paid = await this.claimed(account);
      if (paid.stable === stable && paid.flk === flk) continue;
      const { proof } = payoutProof(payouts, account) ?? assert.fail();
      await this.#call("settlement", epochSettlementAbi, "claim", [toHex(account), stable, flk, proof]);
    }
  }

  /** micro-USD and wei. */
  async claimed(account: Uint8Array): Promise<{ stable: bigint; flk: bigint }> {
    const paid = await this.#read<{ stable: bigint; flk: bigint }>(
      "settlement",
      epochSettlementAbi,
      "claimed",
      [toHex(account)],
    );
    return { stable: BigInt(paid.stable), flk: BigInt(paid.flk) };
  }

  stableOf(holder: Hex): Promise<bigint> {
    return this.#balance("stable", holder);
  }

  flkOf(holder: Hex): Promise<bigint> {
    return this.#balance("flk", holder);
  }

  flkSupply(): Promise<bigint> {
    return this.#read("flk", flkAbi, "totalSupply", []);
  }

  /** As nodes read it. */
  #lotOf(receipts: TransactionReceipt[]): LotClosed {
    const logs = receipts.flatMap((receipt) => receipt.logs) as unknown as MinedLog[];
    const events = parseLogs(this.l2.deployment, logs).events.map(({ event }) => event);
    const lot = events.find((event) => event.type === "lotClosed");
    assert.ok(lot);
    return lot;
  }

  async #isCovered(epoch: number): Promise<boolean> {
    const lots = await this.#read<bigint>("auction", buybackAuctionAbi, "lotCount", []);
    if (lots === 0n) return false;
    const last = await this.#read<{ toEpoch: bigint }>("auction", buybackAuctionAbi, "lot", [lots - 1n]);
    return Number(last.toEpoch) >= epoch;
  }

  #balance(token: "stable" | "flk", holder: Hex): Promise<bigint> {
    return this.#read(token, flkAbi, "balanceOf", [holder]);
  }

  async #reach(seconds: number): Promise<void> {
    const { timestamp } = await this.l2.client.getBlock();
    this.#now = Math.max(this.#now, seconds, Number(timestamp));
    await this.#node.setNextBlockTimestamp({ timestamp: BigInt(this.#now) });
    await this.#node.mine({ blocks: 1 });
  }

  async #call(
    name: "vault" | "settlement" | "auction",
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
  ): Promise<TransactionReceipt> {
    const receipt = await send(this.l2, { address: this.l2.deployment[name], abi, functionName, args });
    const { timestamp } = await this.l2.client.getBlock({ blockNumber: receipt.blockNumber });
    this.#now = Number(timestamp);
    return receipt;
  }

  #read<T>(
    name: "settlement" | "auction" | "flk" | "stable",
    abi: Abi,
    functionName: string,
    args: readonly unknown[],
  ): Promise<T> {
    const address = this.l2.deployment[name];
    return this.l2.client.readContract({ address, abi, functionName, args }) as Promise<T>;
  }
}

function testClient(l2: TestL2) {
  return createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
}

async function send(l2: TestL2, call: Call): Promise<TransactionReceipt> {
  const hash = await l2.wallet(0).writeContract({ ...call, gas: GAS });
  const receipt = await l2.client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success", call.functionName);
  return receipt;
}

/** All are the deployer's: the model's payees are not the contracts' matter. */
async function register(l2: TestL2, networkId: Uint8Array, nodeId: number): Promise<void> {
  const { consensus, network } = nodeKeys(nodeId);
  const key = g1ToEip2537(consensus.publicKey);
  const proof = consensus.sign(popMessage(networkId, l2.deployment.deployer, key));
  const args = [toHex(key), toHex(g2ToEip2537(proof)), toHex(network.publicKey), "/ip4/127.0.0.1/tcp/4200"];
  await send(l2, { address: l2.deployment.staking, abi: nodeStakingAbi, functionName: "register", args });
}

/** As `World` has it. */
function firstCommittee(): Committee {
  const members = [1, 2, 3, 4].map((nodeId) => ({
    nodeId,
    keyVersion: 0,
    power: 1,
    consensusKey: nodeKeys(nodeId).consensus.publicKey,
  }));
  return { epoch: 0, members };
}
