import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { BitArray } from "@chainsafe/ssz";
import { createPublicClient, createTestClient, createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { networkContext } from "#protocol/digests/network.ts";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  popMessage,
  settlementDigest,
  toL2Committee,
} from "#protocol/digests/settlement.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import type { Deployment } from "#scripts/deploy/deploy-all.ts";
import { reachTime, startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";

const FLK = 10n ** 18n;
/** Above every call: an estimate in the newest block can be too low for a block of its own. */
const GAS = 3_000_000n;
export const START_TIME = 1_800_000_000_000;
export const CHAIN_ID = 31_337;
/** Accounts 0 and 5 of the mnemonic of every development node: governance, who holds all FLK, and a poster. */
const GOVERNANCE_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
export const POSTER_KEY = "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba";

export const governance = privateKeyToAccount(GOVERNANCE_KEY);
export const signers: BlsSigner[] = [1, 2, 3, 4].map((i) => blsSigner(blsKeygen(new Uint8Array(32).fill(i))));
export const networkKeyOf = (nodeId: number) => new Uint8Array(32).fill(nodeId);

/** A deployment with four registered and staked nodes, a deposit, and the start. */
export class World {
  readonly anvil: { url: string; stop(): Promise<void> };
  readonly deployment: Deployment;
  readonly client;
  readonly wallet;
  readonly test;

  constructor(l2: TestL2) {
    const transport = http(l2.rpcUrl);
    this.anvil = { url: l2.rpcUrl, stop: l2.stop };
    this.deployment = l2.deployment;
    this.client = createPublicClient({ transport, pollingInterval: 20, cacheTime: 0 });
    this.wallet = createWalletClient({ transport, account: governance });
    this.test = createTestClient({ mode: "anvil", transport });
  }

  static async create(): Promise<World> {
    const l2 = await startTestL2();
    try {
      const world = new World(l2);
      for (let nodeId = 1; nodeId <= signers.length; nodeId++) await world.register(nodeId);
      await world.deposit(5_000_000n);
      await world.start();
      return world;
    } catch (error) {
      await l2.stop();
      throw error;
    }
  }

  get network() {
    return networkContext(CHAIN_ID, this.deployment.settlement);
  }

  async #send(write: () => Promise<`0x${string}`>): Promise<void> {
    const receipt = await this.client.waitForTransactionReceipt({ hash: await write() });
    if (receipt.status !== "success") throw new Error("a transaction of the test reverted");
  }

  async register(nodeId: number): Promise<void> {
    const signer = signers[nodeId - 1] as BlsSigner;
    const { flk, staking } = this.deployment;
    const key = g1ToEip2537(signer.publicKey);
    const proof = g2ToEip2537(signer.sign(popMessage(this.network.networkId, governance.address, key)));
    const amount = 1000n * FLK * BigInt(nodeId);
    const base = { account: governance, chain: null, gas: GAS } as const;
    await this.#send(() =>
      this.wallet.writeContract({
        ...base,
        address: flk,
        abi: flkAbi,
        functionName: "approve",
        args: [staking, amount],
      }),
    );
    const endpoints = `/ip4/127.0.0.1/tcp/${4200 + 100 * nodeId},http://127.0.0.1:${4220 + 100 * nodeId}`;
    await this.#send(() =>
      this.wallet.writeContract({
        ...base,
        address: staking,
        abi: nodeStakingAbi,
        functionName: "registerWithStake",
        args: [toHex(key), toHex(proof), toHex(networkKeyOf(nodeId)), endpoints, amount],
      }),
    );
  }

  async setEndpoints(nodeId: number, endpoints: string): Promise<void> {
    await this.#send(() =>
      this.wallet.writeContract({
        account: governance,
        chain: null,
        gas: GAS,
        address: this.deployment.staking,
        abi: nodeStakingAbi,
        functionName: "setEndpoints",
        args: [nodeId, endpoints],
      }),
    );
  }

  /** micro-USD, for governance's own account */
  async deposit(amount: bigint): Promise<void> {
    const { stable, vault } = this.deployment;
    const base = { account: governance, chain: null, gas: GAS } as const;
    const usd = { ...base, address: stable, abi: mockUsdAbi } as const;
    await this.#send(() =>
      this.wallet.writeContract({ ...usd, functionName: "mint", args: [governance.address, amount] }),
    );
    await this.#send(() =>
      this.wallet.writeContract({ ...usd, functionName: "approve", args: [vault, amount] }),
    );
    await this.#send(() =>
      this.wallet.writeContract({
        ...base,
        address: vault,
        abi: clientVaultAbi,
        functionName: "deposit",
        args: [governance.address, amount],
      }),
    );
  }

  committee(epoch: number): Committee {
    const members = signers.map((signer, i) => ({
      nodeId: i + 1,
      keyVersion: 0,
      power: 1,
      consensusKey: signer.publicKey,
    }));
    return { epoch, members };
  }

  async start(): Promise<void> {
    await reachTime({ rpcUrl: this.anvil.url }, START_TIME);
    await this.#send(() =>
      this.wallet.writeContract({
        account: governance,
        chain: null,
        gas: GAS,
        address: this.deployment.settlement,
        abi: epochSettlementAbi,
        functionName: "start",
        args: [toL2Committee(this.committee(0)), BigInt(START_TIME)],
      }),
    );
  }

  /** Makes all that was mined so far final. */
  async finalize(): Promise<number> {
    const { number } = await this.client.getBlock();
    await this.test.mine({ blocks: 4 });
    return Number(number);
  }

  /** A settlement of `epoch` after `previous`, signed by the members at the indices `signing`. */
  certificate(
    epoch: number,
    previous: Uint8Array,
    signing: number[],
    totalBalances = 1n,
  ): SettlementCertificate {
    const committee = this.committee(epoch);
    const nextCommittee = this.committee(epoch + 1);
    const zero = new Uint8Array(32);
    const settlement = {
      epoch,
      previous,
      closeTime: START_TIME + 30_000 * (epoch + 1),
      l2Number: 1,
      l2Hash: zero,
      stateRoot: zero,
      payoutRoot: zero,
      balanceRoot: zero,
      reportHash: zero,
      totalBalances,
      totalPayoutStable: 0n,
      totalPayoutFlk: 0n,
      slashListHash: EMPTY_SLASH_LIST,
      nextCommitteeHash: committeeHash(nextCommittee),
    };
    const message = settlementMessage(this.network.networkId, epoch, settlementDigest(settlement));
    const shares = signing.map((i) => (signers[i] as BlsSigner).sign(message));
    return {
      settlement,
      committee,
      nextCommittee,
      signers: BitArray.fromBoolArray(signers.map((_, i) => signing.includes(i))),
      signature: blsAggregateSignatures(shares),
    };
  }

  async latestDigest(): Promise<Uint8Array> {
    const { settlement } = this.deployment;
    return fromHex(
      await this.client.readContract({
        address: settlement,
        abi: epochSettlementAbi,
        functionName: "latestDigest",
      }),
    );
  }
}

type Rewrite = (method: string, result: unknown) => unknown;

/** An RPC endpoint in front of another one, which can stop to answer and lie. */
export class RpcProxy {
  #target: string;
  #server: Server | undefined;
  #port = 0;
  rewrite: Rewrite = (_, result) => result;
  hangs = false;
  requests = 0;

  constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer(async (request, response) => {
      this.requests++;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (this.hangs) return;
      const body = Buffer.concat(chunks).toString();
      try {
        const answer = await fetch(this.#target, {
          method: "POST",
          body,
          headers: { "content-type": "application/json" },
        });
        const json = (await answer.json()) as { result?: unknown };
        if ("result" in json) json.result = this.rewrite(JSON.parse(body).method, json.result);
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(json));
      } catch {
        response.destroy();
      }
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}
