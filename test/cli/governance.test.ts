import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createTestClient, http, type PublicClient, parseEther, stringToHex } from "viem";
import { makeClientKeys, makeNodeKeys, ownerAddress } from "#cli/actions/keys.ts";
import { configureHome, deploymentOf } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { getProposal, getProposals } from "#client/index.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";
import { type Finished, flk, PASSWORD, temporaryFolder } from "./support.ts";

const FLK = 10n ** 18n;
/** Both are above the threshold of a proposer; only together they reach the quorum, 4 % of 10^9 FLK. */
const HELD = 25_000_000n * FLK;
const STAKED = 16_000_000n * FLK;
const MIN_STAKE = stringToHex("minStake", { size: 32 });

describe("governance from the command line", () => {
  let l2: TestL2;
  let folder: string;
  let holder: Home;
  let staker: Home;
  const cleanups: (() => Promise<void>)[] = [];

  before(async () => {
    l2 = await startTestL2();
    folder = await temporaryFolder({ after: (fn) => void cleanups.push(fn) });
    await writeFile(join(folder, "deployment.json"), JSON.stringify(l2.deployment));
    [holder, staker] = await Promise.all([home("holder"), home("staker")]);
    await makeClientKeys(holder, PASSWORD, true);
    await makeNodeKeys(staker, PASSWORD, true);
    await fund(await ownerAddress(holder), HELD);
    await fund(await ownerAddress(staker), STAKED);
  });
  after(async () => {
    await l2?.stop();
    for (const cleanup of cleanups) await cleanup();
  });

  async function home(name: string): Promise<Home> {
    const made = resolveHome(join(folder, name));
    const settings = { rpcUrls: [l2.rpcUrl], publicHost: "127.0.0.1", listenHost: "127.0.0.1" };
    await configureHome(made, deploymentOf(l2.deployment), { ...settings, portOffset: 0, l2PollMs: 50 });
    return made;
  }

  async function fund(address: Hex, amount: bigint): Promise<void> {
    const wallet = l2.wallet(0);
    const money = await wallet.sendTransaction({ to: address, value: parseEther("1") });
    await l2.client.waitForTransactionReceipt({ hash: money });
    const call = { address: l2.deployment.flk, abi: flkAbi, functionName: "transfer" } as const;
    const hash = await wallet.writeContract({ ...call, args: [address, amount] });
    await l2.client.waitForTransactionReceipt({ hash });
  }

  async function pass(seconds: number): Promise<void> {
    const client = createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
    await client.increaseTime({ seconds });
    await client.mine({ blocks: 1 });
  }

  function as(who: Home, ...args: string[]): Promise<Finished> {
    return flk(args, { FLK_HOME: who.root, FLK_PASSWORD: PASSWORD });
  }

  /** What the command printed with --json. */
  async function json(who: Home, ...args: string[]): Promise<Record<string, unknown>> {
    const { code, stdout, stderr } = await as(who, ...args, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  const minStake = () =>
    l2.client.readContract({
      address: l2.deployment.parameters,
      abi: protocolParametersAbi,
      functionName: "scheduled",
      args: [MIN_STAKE],
    });

  test("a parameter, a service and an upgrade are proposed, voted with held and staked FLK, queued and executed", async () => {
    await json(holder, "gov", "delegate");
    await json(staker, "node", "register", "--stake", String(STAKED / FLK));
    const deployed = ["--of", join(folder, "deployment.json"), "--rpc-url", l2.rpcUrl];
    const { implementation } = await json(holder, "deploy", "--implementation", "services", ...deployed);
    await pass(1);

    const file = join(folder, "proposal.json");
    const owner = await ownerAddress(holder);
    const calls = [
      { call: "parameters.setMinStake", args: ["2000000000000000000000"] },
      { call: "services.registerFor", args: [owner, "flk:sgx", ["500000", "20000000"]] },
      { call: "services.upgradeToAndCall", args: [implementation, "0x"] },
    ];
    await writeFile(file, JSON.stringify({ description: "Everything at once\nand why", calls }));
    const proposed = await json(holder, "gov", "propose", "--file", file);
    const id = String(proposed.id);
    assert.match(id, /^0x[0-9a-f]{64}$/);
    assert.deepEqual((proposed.calls as string[])[0], "parameters.setMinStake(2000000000000000000000)");
    const pending = await json(holder, "gov", "show", id.slice(0, 12));
    assert.deepEqual([pending.state, pending.quorum], ["pending", undefined]);

    await pass(3);
    await json(holder, "gov", "vote", id, "for");
    const half = await json(holder, "gov", "show", id);
    assert.equal(half.state, "active");
    assert.ok(BigInt(half.quorum as string) > HELD);
    await json(staker, "gov", "vote", id, "for", "--reason", "because");
    const early = await as(holder, "gov", "queue", id);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /^error ERR_L2_REVERTED: queue: GovernorUnexpectedProposalState/);

    await pass(40);
    const queued = await json(holder, "gov", "queue", id);
    assert.deepEqual(queued.votes, { for: String(HELD + STAKED), against: "0", abstain: "0" });
    assert.equal(queued.state, "queued");
    assert.ok(BigInt(queued.eta as string) > 0n);
    const list = await as(holder, "gov", "list");
    const row = `${id.slice(0, 10)}\tqueued\t41000000 FLK\t0 FLK\t0 FLK\t`;
    assert.ok(list.stdout.startsWith(row), list.stdout);
    assert.ok(list.stdout.endsWith("\tEverything at once\n"), list.stdout);

    await pass(6);
    assert.equal((await json(staker, "gov", "execute", id)).state, "executed");
    assert.equal((await minStake())[0], 2_000n * FLK);
    const services = await as(holder, "service", "list");
    assert.match(services.stdout, /\n1\t0x[0-9a-fA-F]{40}\tflk:sgx\t0\.5 USD, 20 USD\n$/);
    await json(holder, "service", "set-price", "1", "0", "0.25");
    const service = await l2.client.readContract({
      address: l2.deployment.services,
      abi: serviceRegistryAbi,
      functionName: "service",
      args: [1],
    });
    assert.deepEqual(service.prices, [250_000n, 20_000_000n]);

    await verifyUpgrade("services", String(implementation));
  });

  /** The check tells the upgrade until the deployment's file has it. */
  async function verifyUpgrade(name: string, implementation: string): Promise<void> {
    const path = join(folder, "deployment.json");
    const verify = () => flk(["deploy", "--verify", path, "--rpc-url", l2.rpcUrl]);
    const before = await verify();
    assert.equal(before.code, 1);
    assert.match(before.stderr, /ERR_DEPLOYMENT_IMPLEMENTATION: the implementation of services is 0x/);
    const file = JSON.parse(await readFile(path, "utf8")) as { implementations: Record<string, string> };
    file.implementations[name] = implementation;
    await writeFile(path, JSON.stringify(file));
    const after = await verify();
    assert.equal(after.code, 0, after.stderr);
  }

  test("a service of somebody without rights becomes a proposal, which fails without a quorum", async () => {
    const proposed = await json(holder, "service", "register", "--metadata", "flk:x", "--price", "1", "0");
    const id = String(proposed.id);
    assert.match(String(proposed.description), /^Register the service flk:x of 0x/);
    await pass(3);
    const plain = await as(holder, "gov", "vote", id, "abstain");
    assert.equal(plain.stdout, `voted abstain on ${id}\n`, plain.stderr);
    await pass(40);
    const shown = await as(holder, "gov", "show", id);
    assert.match(shown.stdout, new RegExp(`^${id} {2}defeated\nRegister the service`));
    assert.match(shown.stdout, /\n {2}services\.registerFor\("0x.*", "flk:x", \["1000000","0"\]\)\n/);
    assert.match(shown.stdout, /\nfor 0 FLK, against 0 FLK, abstain 25000000 FLK\nquorum 40000000 FLK\n/);
  });

  test("a program reads the same proposals, also where the L2 answers for five blocks at a time", async () => {
    const reader = { public: l2.client as PublicClient, contracts: l2.deployment };
    const proposals = await getProposals(reader, { fromBlock: 0n, page: 5n });
    assert.deepEqual(
      proposals.map(({ state }) => state),
      ["defeated", "executed"],
    );
    const [newest] = proposals;
    assert.ok(newest);
    assert.deepEqual(await getProposal(reader, { id: newest.id, fromBlock: 0n }), newest);
    await assert.rejects(getProposal(reader, { id: 7n, fromBlock: 0n }), { code: "ERR_PROPOSAL_UNKNOWN" });
    const { governor: _, ...without } = l2.deployment;
    const blind = { ...reader, contracts: without };
    await assert.rejects(getProposals(blind, { fromBlock: 0n }), { code: "ERR_CONTRACT_UNKNOWN" });
  });

  test("a proposal that is not there, or not named clearly, is ERR_PROPOSAL_ID", async () => {
    const unknown = await as(holder, "gov", "show", "0xffffffffffff");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /^error ERR_PROPOSAL_ID: there is no proposal 0xffffffffffff/);
    const several = await as(holder, "gov", "show", "0x");
    assert.match(several.stderr, /^error ERR_PROPOSAL_ID: 0x begins several proposals/);
  });

  test("the administrator of the contracts registers a service at once", async () => {
    const admin = createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
    const keeper = await ownerAddress(holder);
    const snapshot = await admin.snapshot();
    try {
      await admin.impersonateAccount({ address: l2.deployment.timelock });
      await admin.setBalance({ address: l2.deployment.timelock, value: parseEther("1") });
      const hash = await l2.wallet(0).writeContract({
        account: l2.deployment.timelock,
        address: l2.deployment.accessManager,
        abi: [
          {
            type: "function",
            name: "grantRole",
            stateMutability: "nonpayable",
            inputs: [{ type: "uint64" }, { type: "address" }, { type: "uint32" }],
            outputs: [],
          },
        ] as const,
        functionName: "grantRole",
        args: [0n, keeper, 0],
      });
      await l2.client.waitForTransactionReceipt({ hash });
      const { service } = await json(holder, "service", "register", "--metadata", "flk:y", "--price", "1");
      assert.equal(service, 2);
    } finally {
      await admin.revert({ id: snapshot });
    }
  });
});
