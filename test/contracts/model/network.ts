import assert from "node:assert/strict";
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  createWalletClient,
  http,
  parseEther,
  publicActions,
  type TestClient,
} from "viem";
import { foundry } from "viem/chains";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { toL2Committee } from "#protocol/digests/settlement.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { registerTestNode, testCommittee } from "../support/committee.ts";
import { startTestL2, type TestL2 } from "../support/l2.ts";
import { at, BridgeLedger, type Refusal, type Terms } from "./bridge-ledger.ts";
import { StakingLedger } from "./staking-ledger.ts";

/** Above every call: estimates would cost as much as the call. */
const GAS = 5_000_000n;
const DAY = 86_400;
const MINTED = 10n ** 15n;
export const STAKE_OF_OWNER: bigint = parseEther("1000000");
export const THAW_PERIOD = 3_600;
export const TERMS: Terms = {
  activationDelay: 600,
  tolerance: 900,
  maxStable: 400_000_000n,
  maxFlk: parseEther("20000"),
  escapeDelay: 2 * DAY,
  exitWindow: DAY / 2,
  recoveryDelay: 4 * DAY,
  minDeposit: 10_000n,
  supply: parseEther("1000000000"),
  ceilingBps: 1_000n,
  startTime: 0,
};

/** Abi and address of what the walks call and compare. */
function contractsOf({ deployment }: TestL2) {
  return {
    usd: { address: deployment.stable, abi: mockUsdAbi },
    flk: { address: deployment.flk, abi: flkAbi },
    vault: { address: deployment.vault, abi: clientVaultAbi },
    settlement: { address: deployment.settlement, abi: epochSettlementAbi },
    staking: { address: deployment.staking, abi: nodeStakingAbi },
  } as const;
}

/** A call as viem takes it. Its types are checked where it is made, by `satisfies` of the contract's ABI. */
export interface Call {
  address: Hex;
  abi: Abi;
  functionName: string;
  args: readonly unknown[];
}

function connect(l2: TestL2) {
  const transport = http(l2.rpcUrl, { batch: { wait: 0 } });
  const common = { chain: foundry, transport, pollingInterval: 5, cacheTime: 0 } as const;
  return {
    anvil: createTestClient({ ...common, mode: "anvil" }) as TestClient,
    reader: createTestClient({ ...common, mode: "anvil" }).extend(publicActions),
    writer: createWalletClient(common),
  };
}

/** A network that runs since `startTime`, of which every walk begins with the same state. */
export class Network {
  readonly l2: TestL2;
  readonly contracts: ReturnType<typeof contractsOf>;
  readonly clients: Hex[];
  /** Other addresses that clients can be paid at. */
  readonly payees: Hex[];
  /** Of nodes 1 and 2. */
  readonly owners: Hex[];
  readonly outsider: Hex;
  readonly governance: Hex;
  readonly #connected: ReturnType<typeof connect>;
  #snapshot: Hex = "0x";
  #start: { digest: Uint8Array; now: number; block: number } = {
    digest: new Uint8Array(),
    now: 0,
    block: 0,
  };

  private constructor(l2: TestL2) {
    this.l2 = l2;
    this.contracts = contractsOf(l2);
    const address = (index: number): Hex => l2.wallet(index).account.address;
    this.owners = [1, 2].map(address);
    this.clients = [5, 6, 7].map(address);
    this.payees = [1, 2, 3].map((i): Hex => `0x${(0x9a9ee0 + i).toString(16).padStart(40, "0")}`);
    this.outsider = address(9);
    this.governance = l2.deployment.timelock;
    this.#connected = connect(l2);
  }

  static async start(): Promise<Network> {
    const l2 = await startTestL2({
      activationDelay: BigInt(TERMS.activationDelay),
      closeTimeTolerance: BigInt(TERMS.tolerance),
      maxStablePayout: TERMS.maxStable,
      maxFlkPayout: TERMS.maxFlk,
      escapeDelay: BigInt(TERMS.escapeDelay),
      exitWindow: BigInt(TERMS.exitWindow),
      recoveryDelay: BigInt(TERMS.recoveryDelay),
      thawPeriod: BigInt(THAW_PERIOD),
      flkCeilingBps: TERMS.ceilingBps,
      minBalance: TERMS.minDeposit,
      refundPool: 0n,
    });
    const network = new Network(l2);
    try {
      await network.#prepare();
    } catch (error) {
      await l2.stop();
      throw error;
    }
    return network;
  }

  async #prepare(): Promise<void> {
    const { usd, flk, vault, staking, settlement } = this.contracts;
    const { anvil, reader } = this.#connected;
    await anvil.impersonateAccount({ address: this.governance });
    await anvil.setBalance({ address: this.governance, value: parseEther("1000") });
    for (const id of [1, 2, 3, 4]) await registerTestNode(this.l2, id, id);
    const deployer = this.l2.wallet(0).account.address;
    for (const client of this.clients) {
      await this.#send(deployer, { ...usd, functionName: "mint", args: [client, MINTED] });
      await this.#send(client, { ...usd, functionName: "approve", args: [vault.address, MINTED] });
    }
    for (const owner of this.owners) {
      await this.#send(deployer, { ...flk, functionName: "transfer", args: [owner, STAKE_OF_OWNER] });
      await this.#send(owner, { ...flk, functionName: "approve", args: [staking.address, STAKE_OF_OWNER] });
    }
    const now = Number((await reader.getBlock()).timestamp) + 10;
    const genesis = toL2Committee(testCommittee(0, [1, 2, 3, 4]));
    await this.#send(
      deployer,
      { ...settlement, functionName: "start", args: [genesis, BigInt(now) * 1000n] },
      now,
    );
    const digest = await reader.readContract({ ...settlement, functionName: "latestDigest" });
    this.#start = { digest: fromHex(digest), now, block: Number(await reader.getBlockNumber()) };
    this.#snapshot = await anvil.snapshot();
  }

  /** Everything as it was at the start. */
  async reset(): Promise<{ bridge: BridgeLedger; staking: StakingLedger }> {
    const { anvil } = this.#connected;
    await anvil.revert({ id: this.#snapshot });
    this.#snapshot = await anvil.snapshot();
    const networkId = fromHex(this.l2.deployment.networkId);
    const terms = { ...TERMS, startTime: this.#start.now * 1000 };
    const accounts = this.clients.map((client) => fromHex(client));
    return {
      bridge: new BridgeLedger(terms, { ...this.#start, accounts, networkId }),
      staking: new StakingLedger(this.owners.length, THAW_PERIOD),
    };
  }

  /** The call at the ledger's time must revert with `refusal`, or go through. A refused call leaves no block. */
  async expect(ledger: BridgeLedger, from: Hex, call: Call, refusal: Refusal): Promise<void> {
    const found = await this.#outcome(from, call, ledger.now);
    assert.equal(found, refusal, `${call.functionName} at ${ledger.now}`);
    if (refusal !== undefined) return;
    await this.#send(from, call, ledger.now);
    ledger.block++;
  }

  async #outcome(account: Hex, call: Call, now: number): Promise<Refusal> {
    try {
      const blockOverrides = { time: BigInt(now) };
      await this.#connected.reader.simulateContract({ ...call, account, gas: GAS, blockOverrides });
      return undefined;
    } catch (error) {
      if (!(error instanceof BaseError)) throw error;
      const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
      if (!(revert instanceof ContractFunctionRevertedError)) throw error;
      return revert.data?.errorName ?? "reverts";
    }
  }

  async #send(account: Hex, call: Call, now?: number): Promise<void> {
    const { anvil, writer } = this.#connected;
    if (now !== undefined) await anvil.setNextBlockTimestamp({ timestamp: BigInt(now) });
    // not by watching blocks, whose numbers go back with every walk
    const receipt = await writer.writeContractSync({ ...call, account, gas: GAS });
    assert.equal(receipt.status, "success", call.functionName);
  }

  /** The books of the ledgers against those of the contracts. */
  async compare(bridge: BridgeLedger, staking: StakingLedger): Promise<void> {
    await Promise.all([
      this.#compareBridge(bridge),
      this.#compareClients(bridge),
      this.#compareStaking(staking),
    ]);
  }

  async #compareBridge(ledger: BridgeLedger): Promise<void> {
    const { reader } = this.#connected;
    const { usd, flk, vault, settlement } = this.contracts;
    const [status, escaped, deposited, supply, ...held] = await Promise.all([
      reader.readContract({ ...settlement, functionName: "status" }),
      reader.readContract({ ...vault, functionName: "totalEscaped" }),
      reader.readContract({ ...vault, functionName: "totalDeposited" }),
      reader.readContract({ ...flk, functionName: "totalSupply" }),
      reader.readContract({ ...usd, functionName: "balanceOf", args: [vault.address] }),
      reader.readContract({ ...usd, functionName: "balanceOf", args: [settlement.address] }),
      reader.readContract({ ...flk, functionName: "balanceOf", args: [settlement.address] }),
    ]);
    const sum = (of: (client: (typeof ledger.outside)[number]) => bigint) =>
      ledger.outside.reduce((total, client) => total + of(client), 0n);
    assert.deepEqual(held, [ledger.inVault, ledger.inPot, ledger.flkInPot]);
    assert.equal(
      escaped,
      sum((client) => client.escaped),
    );
    assert.equal(
      deposited,
      sum((client) => client.deposited),
    );
    assert.equal(supply, TERMS.supply + ledger.minted);
    const newest = ledger.pending.at(-1);
    assert.deepEqual(
      {
        ...status,
        digest: undefined,
        payoutRoot: undefined,
        activatesAt: newest && Number(status.activatesAt),
        holds: newest && status.holds,
      },
      {
        nextEpoch: BigInt(ledger.nextEpoch),
        firstPending: BigInt(ledger.firstPending),
        activeEpochs: BigInt(ledger.activeEpochs),
        activatesAt: newest?.activatesAt,
        lastActivatedAt: BigInt(ledger.lastActivatedAt),
        holds: newest?.holds,
        frozen: ledger.frozen,
        recovering: ledger.recovering,
        restarts: ledger.restarts,
        digest: undefined,
        payoutRoot: undefined,
        totalPayoutStable: ledger.totalStable,
        totalPayoutFlk: ledger.totalFlk,
        mintedFlk: ledger.minted,
      },
    );
    assert.deepEqual(fromHex(status.digest), ledger.digest);
  }

  async #compareClients(ledger: BridgeLedger): Promise<void> {
    const { reader } = this.#connected;
    const { usd, flk, vault, settlement } = this.contracts;
    const held = (token: typeof usd | typeof flk, account: Hex) =>
      reader.readContract({ ...(token as typeof usd), functionName: "balanceOf", args: [account] });
    await Promise.all(
      ledger.outside.map(async (expected, i) => {
        const [client, payee] = [at(this.clients, i), at(this.payees, i)];
        const [paid, exit, ...amounts] = await Promise.all([
          reader.readContract({ ...settlement, functionName: "claimed", args: [client] }),
          reader.readContract({ ...vault, functionName: "exitOf", args: [client] }),
          reader.readContract({ ...vault, functionName: "deposited", args: [client] }),
          held(usd, client),
          held(usd, payee),
          held(flk, client),
          held(flk, payee),
        ]);
        const [deposited, usd0, usd1, flk0, flk1] = amounts as [bigint, bigint, bigint, bigint, bigint];
        assert.equal(paid.stable, expected.claimedStable);
        assert.equal(paid.flk, expected.claimedFlk);
        assert.equal(exit.depositsCounted, expected.counted);
        assert.equal(deposited, expected.deposited);
        assert.equal(usd0 + usd1, MINTED - deposited + expected.claimedStable + expected.escaped);
        assert.equal(flk0 + flk1, expected.claimedFlk);
      }),
    );
  }

  async #compareStaking(ledger: StakingLedger): Promise<void> {
    const { reader } = this.#connected;
    const { flk, staking } = this.contracts;
    const held = await reader.readContract({ ...flk, functionName: "balanceOf", args: [staking.address] });
    assert.equal(held, ledger.held());
    const withdrawn = await reader.readContract({ ...flk, functionName: "balanceOf", args: [this.outsider] });
    assert.equal(withdrawn, ledger.withdrawn);
    await Promise.all(
      ledger.nodes.map(async (expected, i) => {
        const [info, requests] = await Promise.all([
          reader.readContract({ ...staking, functionName: "node", args: [i + 1] }),
          reader.readContract({ ...staking, functionName: "thawingRequests", args: [i + 1] }),
        ]);
        assert.equal(info.staked, expected.staked);
        assert.equal(info.thawing, ledger.thawing(i));
        const sorted = requests
          .map(({ id, maturesAt, amount }) => ({ id: Number(id), maturesAt: Number(maturesAt), amount }))
          .sort((a, b) => a.id - b.id);
        assert.deepEqual(sorted, expected.requests);
      }),
    );
  }

  async stop(): Promise<void> {
    await this.l2.stop();
  }
}
