import assert from "node:assert/strict";
import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  createWalletClient,
  getAddress,
  hexToString,
  http,
  numberToHex,
  parseEther,
  publicActions,
  type TestClient,
} from "viem";
import { foundry } from "viem/chains";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { toL2Committee } from "#protocol/digests/settlement.ts";
import { fromHex, type Hex } from "#protocol/types/hex.ts";
import { registerTestNode, testCommittee } from "../support/committee.ts";
import { startTestL2, type TestL2 } from "../support/l2.ts";
import { ask } from "./answers.ts";
import type { Books } from "./books.ts";
import { type BridgeLedger, MEMBERS } from "./bridge-ledger.ts";
import { bridgeViews, clientViews, epochViews } from "./bridge-views.ts";
import { type Contracts, contractsOf } from "./contracts.ts";
import { at, type Refusal } from "./ledger.ts";
import { boundViews, keyViews, nodeViews } from "./node-views.ts";
import {
  deployed,
  MINTED,
  OPERATED_NODE,
  OWNERS,
  openBooks,
  STAKE_OF_OWNER,
  STAKED,
  type Start,
  THAWING,
  THAWING_NODE,
} from "./opening.ts";
import { flkViews, parameterViews, scheduleViews, slashViews } from "./stake-views.ts";
import { assertSaid, type Call, type View } from "./views.ts";

/** Above every call: estimates would cost as much as the call. */
const GAS = 5_000_000n;
const IN_TURN = 16;
/** That contracts revert with on behalf of others. */
const ERRORS: Abi = [...nodeStakingAbi, ...flkAbi].filter(({ type }) => type === "error");

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
  readonly contracts: Contracts;
  readonly clients: Hex[];
  /** Other addresses that clients and nodes can be paid at. */
  readonly payees: Hex[];
  /** Of nodes. */
  readonly owners: Hex[];
  /** That may be named as such. */
  readonly operators: Hex[];
  readonly reporter: Hex;
  readonly outsider: Hex;
  readonly governance: Hex;
  readonly #connected: ReturnType<typeof connect>;
  #snapshot: Hex = "0x";
  #turn = 0;
  #start: Start | undefined;

  private constructor(l2: TestL2) {
    this.l2 = l2;
    this.contracts = contractsOf(l2);
    const address = (index: number): Hex => l2.wallet(index).account.address;
    this.owners = [1, 2, 3].map(address);
    this.operators = [8, 4].map(address);
    this.clients = [5, 6, 7].map(address);
    this.payees = [1, 2, 3].map((i) => getAddress(numberToHex(0x9a9ee0 + i, { size: 20 })));
    this.reporter = getAddress(numberToHex(0x4e9042, { size: 20 }));
    this.outsider = address(9);
    this.governance = l2.deployment.timelock;
    this.#connected = connect(l2);
  }

  static async start(): Promise<Network> {
    const l2 = await startTestL2(deployed());
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
    const { settlement } = this.contracts;
    const { anvil, reader } = this.#connected;
    await anvil.impersonateAccount({ address: this.governance });
    await anvil.setBalance({ address: this.governance, value: parseEther("1000") });
    for (const [i, owner] of OWNERS.entries()) await registerTestNode(this.l2, i + 1, owner + 1);
    await this.#fund();
    await this.#stake();
    const now = Number((await reader.getBlock()).timestamp) + 10;
    const genesis = toL2Committee(testCommittee(0, MEMBERS));
    const args = [genesis, BigInt(now) * 1000n];
    await this.#send(this.l2.deployment.launcher, { ...settlement, functionName: "start", args }, now);
    const digest = await reader.readContract({ ...settlement, functionName: "latestDigest" });
    const block = Number(await reader.getBlockNumber());
    this.#start = { digest: fromHex(digest), now, block, ...(await this.#found()) };
    this.#snapshot = await anvil.snapshot();
  }

  async #fund(): Promise<void> {
    const { usd, flk, vault, staking } = this.contracts;
    const { deployer } = this.l2.deployment;
    for (const client of this.clients) {
      await this.#send(deployer, { ...usd, functionName: "mint", args: [client, MINTED] });
      await this.#send(client, { ...usd, functionName: "approve", args: [vault.address, MINTED] });
    }
    for (const staker of [...this.owners, ...this.operators]) {
      await this.#send(deployer, { ...flk, functionName: "transfer", args: [staker, STAKE_OF_OWNER] });
      await this.#send(staker, { ...flk, functionName: "approve", args: [staking.address, STAKE_OF_OWNER] });
    }
  }

  async #stake(): Promise<void> {
    const { staking } = this.contracts;
    const ownerOf = (id: number): Hex => at(this.owners, at(OWNERS, id - 1));
    for (const [i, amount] of STAKED.entries()) {
      const call = { ...staking, functionName: "stake", args: [i + 1, amount] };
      await this.#send(ownerOf(i + 1), call);
    }
    const args = [OPERATED_NODE, at(this.operators, 0)];
    await this.#send(ownerOf(OPERATED_NODE), { ...staking, functionName: "setOperator", args });
    for (const amount of THAWING) {
      const call = { ...staking, functionName: "requestUnstake", args: [THAWING_NODE, amount] };
      await this.#send(ownerOf(THAWING_NODE), call);
    }
  }

  /** What the deployment says of itself. */
  async #found(): Promise<Pick<Start, "parameters" | "requests">> {
    const { reader } = this.#connected;
    const { staking, parameters } = this.contracts;
    const [all, requests] = await Promise.all([
      reader.readContract({ ...parameters, functionName: "all" }),
      reader.readContract({ ...staking, functionName: "thawingRequests", args: [THAWING_NODE] }),
    ]);
    return {
      parameters: all.map(({ key, ...rest }) => ({ name: hexToString(key, { size: 32 }), ...rest })),
      requests: requests.map(({ id, maturesAt, amount }) => ({
        id: Number(id),
        maturesAt: Number(maturesAt),
        amount,
      })),
    };
  }

  /** Everything as it was at the start. */
  async reset(): Promise<Books> {
    const { anvil } = this.#connected;
    await anvil.revert({ id: this.#snapshot });
    this.#snapshot = await anvil.snapshot();
    this.#turn = 0;
    if (!this.#start) throw new Error("not started");
    const { clients, owners, operators } = this;
    const networkId = fromHex(this.l2.deployment.networkId);
    return openBooks(this.#start, { networkId, clients, owners, operators });
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
      const abi = [...call.abi, ...ERRORS];
      await this.#connected.reader.simulateContract({ ...call, abi, account, gas: GAS, blockOverrides });
      return undefined;
    } catch (error) {
      return nameOf(error);
    }
  }

  async #send(account: Hex, call: Call, now?: number): Promise<void> {
    const { anvil, writer } = this.#connected;
    if (now !== undefined) await anvil.setNextBlockTimestamp({ timestamp: BigInt(now) });
    // not by watching blocks, whose numbers go back with every walk
    const receipt = await writer.writeContractSync({ ...call, account, gas: GAS });
    assert.equal(receipt.status, "success", call.functionName);
  }

  /** The books of the ledgers against those of the contracts. Of views that take arguments beyond nodes and clients, some in turn, or all. */
  async compare(books: Books, all = false): Promise<void> {
    const { contracts } = this;
    const turning = turningViews(contracts, books);
    const start = (this.#turn++ * IN_TURN) % turning.length;
    const views = [
      ...bridgeViews(contracts, books),
      ...clientViews(contracts, books, this),
      ...nodeViews(contracts, books),
      ...flkViews(contracts, books, [...this.owners, ...this.operators, this.outsider, this.reporter]),
      ...parameterViews(contracts, books),
      ...(all ? turning : turning.slice(start, start + IN_TURN)),
    ];
    const answers = await ask(this.l2.rpcUrl, views);
    for (const [i, view] of views.entries()) assertSaid(view, at(answers, i));
  }

  async stop(): Promise<void> {
    await this.l2.stop();
  }
}

function turningViews(contracts: Contracts, books: Books): View[] {
  return [
    ...epochViews(contracts, books),
    ...keyViews(contracts, books),
    ...boundViews(contracts, books),
    ...slashViews(contracts, books),
    ...scheduleViews(contracts, books),
  ];
}

/** Of the error that a call reverted with. */
function nameOf(error: unknown): string {
  if (!(error instanceof BaseError)) throw error;
  const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(revert instanceof ContractFunctionRevertedError)) throw error;
  return revert.data?.errorName ?? "reverts";
}
