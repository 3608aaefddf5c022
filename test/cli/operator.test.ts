import assert from "node:assert/strict";
import { copyFile, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseEther } from "viem";
import { makeNodeKeys, ownerAddress } from "#cli/actions/keys.ts";
import { configureHome, deploymentOf } from "#cli/config/deployment.ts";
import { type Home, resolveHome } from "#cli/config/home.ts";
import { openKeystore } from "#node/keys/keystore.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { consensusMessage, headerSlot, KIND } from "#protocol/digests/consensus.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import { startTestL2, type TestL2 } from "#test/contracts/support/l2.ts";
import { type Finished, flk, PASSWORD, temporaryFolder } from "./support.ts";

const FLK = 10n ** 18n;
const USD = 1_000_000n;
const PAYEE: Hex = `0x${"f1".repeat(20)}`;

describe("an operator and a client on the command line", () => {
  let l2: TestL2;
  let folder: string;
  let owner: Home;
  let other: Home;
  const cleanups: (() => Promise<void>)[] = [];

  before(async () => {
    l2 = await startTestL2();
    folder = await temporaryFolder({ after: (fn) => void cleanups.push(fn) });
    [owner, other] = await Promise.all([home("owner"), home("other")]);
    for (const who of [owner, other]) {
      await makeNodeKeys(who, PASSWORD, true);
      await fund(await ownerAddress(who));
    }
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

  /** ETH, 5000 FLK and 10 USD. */
  async function fund(address: Hex): Promise<void> {
    const wallet = l2.wallet(0);
    const { flk: token, stable } = l2.deployment;
    for (const hash of [
      await wallet.sendTransaction({ to: address, value: parseEther("1") }),
      await wallet.writeContract({
        address: token,
        abi: flkAbi,
        functionName: "transfer",
        args: [address, 5_000n * FLK],
      }),
      await wallet.writeContract({
        address: stable,
        abi: mockUsdAbi,
        functionName: "mint",
        args: [address, 10n * USD],
      }),
    ]) {
      await l2.client.waitForTransactionReceipt({ hash });
    }
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

  async function refused(who: Home, args: string[], message: RegExp): Promise<void> {
    const { code, stderr } = await as(who, ...args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
  }

  function anvil(method: string, params: unknown[]): Promise<unknown> {
    return l2.client.request({ method, params } as never);
  }

  const depositedBy = async (who: Home) =>
    l2.client.readContract({
      address: l2.deployment.vault,
      abi: clientVaultAbi,
      functionName: "deposited",
      args: [await ownerAddress(who)],
    });

  const node = () =>
    l2.client.readContract({
      address: l2.deployment.staking,
      abi: nodeStakingAbi,
      functionName: "node",
      args: [1],
    });

  test("before anything was sold there is no lot to show, to bid for or to close", async () => {
    for (const args of [["show"], ["bid", "all", "--max-flk", "1"], ["close"]])
      await refused(owner, ["auction", ...args], /^error ERR_NO_LOT: no lot was ever on sale/m);
  });

  test("stake is requested back, listed, kept after all, and locked", async () => {
    assert.equal((await json(owner, "node", "register", "--stake", "2000")).nodeId, 1);
    await json(owner, "unstake", "request", "250");
    const listed = await json(owner, "unstake", "list");
    const [request] = listed.requests as { id: string; amount: string }[];
    assert.equal(request?.amount, (250n * FLK).toString());
    const plain = await as(other, "unstake", "list", "--node", "1");
    assert.match(plain.stdout, new RegExp(`^${request?.id}\\t250 FLK\\t\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z\\n$`));
    await json(owner, "unstake", "cancel", String(request?.id));
    assert.equal((await node()).staked, 2_000n * FLK);
    assert.deepEqual((await json(owner, "unstake", "list")).requests, []);
    const piped = await as(owner, "unstake", "list");
    assert.equal(piped.stdout, "nothing thaws\n");
    await json(owner, "lock", "30");
    assert.ok((await node()).lockedUntil > BigInt(Math.floor(Date.now() / 1_000)) + 29n * 86_400n);
    await refused(owner, ["unstake", "request", "1"], /^error ERR_L2_REVERTED: requestUnstake: StillLocked/m);
  });

  test("what has thawed goes to whom the owner names", async () => {
    const thawed = await json(other, "node", "register", "--stake", "1000");
    assert.equal(thawed.nodeId, 2);
    await json(other, "unstake", "request", "0.5");
    const early = ["unstake", "withdraw", "--to", PAYEE];
    await refused(other, early, /^error ERR_L2_REVERTED: withdrawMatured: NothingMatured/m);
    await refused(owner, [...early, "--node", "2"], /^error ERR_L2_REVERTED: withdrawMatured: NotNodeOwner/m);
    const [request] = (await json(other, "unstake", "list")).requests as { maturesAt: string }[];
    await anvil("evm_setNextBlockTimestamp", [Number(request?.maturesAt)]);
    await anvil("evm_mine", []);
    const { amount, to } = await json(other, ...early);
    assert.deepEqual([amount, to], [String(FLK / 2n), PAYEE]);
    const received = await l2.client.readContract({
      address: l2.deployment.flk,
      abi: flkAbi,
      functionName: "balanceOf",
      args: [PAYEE],
    });
    assert.equal(received, FLK / 2n);
  });

  test("a node is shown without a password, and one that is not there is ERR_NOT_REGISTERED", async () => {
    const { code, stdout, stderr } = await flk(["node", "show", "--json"], { FLK_HOME: owner.root });
    assert.equal(code, 0, stderr);
    const shown = JSON.parse(stdout) as Record<string, unknown>;
    const keys = await json(owner, "keys", "show");
    assert.equal(shown.nodeId, 1);
    assert.equal(shown.staked, String(2_000n * FLK));
    assert.deepEqual([shown.consensusKey, shown.networkKey], [keys.consensusKey, keys.networkKey]);
    assert.equal(shown.operator, null);
    const lines = (await as(other, "node", "show", "--node", "1")).stdout.split("\n");
    assert.ok(lines.includes("stake       2000 FLK, 0 FLK thawing, 0 FLK slashed so far"), lines.join("\n"));
    for (const args of [
      ["node", "show"],
      ["unstake", "list"],
      ["stake", "1"],
      ["node", "opt-out"],
    ]) {
      await refused(owner, [...args, "--node", "9"], /^error ERR_NOT_REGISTERED: no node 9 is on the L2/m);
    }
  });

  test("somebody else runs the node once its owner says so, and the owner says who is paid", async () => {
    const optOut = ["node", "opt-out", "--node", "1"];
    await refused(other, optOut, /^error ERR_L2_REVERTED: setParticipation: NotNodeOwner/m);
    await json(owner, "node", "set-operator", await ownerAddress(other));
    await json(other, ...optOut);
    assert.equal((await node()).optedIn, false);
    await json(other, "node", "opt-in", "--node", "1");
    assert.equal((await node()).optedIn, true);
    await json(owner, "node", "set-operator", "none");
    await refused(other, optOut, /NotNodeOwner/);
    await json(owner, "node", "set-payee", PAYEE);
    assert.equal((await node()).payee.toLowerCase(), PAYEE);
    await json(owner, "node", "announce");
    await json(owner, "claim-to", PAYEE);
    const paid = await l2.client.readContract({
      address: l2.deployment.settlement,
      abi: epochSettlementAbi,
      functionName: "payeeOf",
      args: [await ownerAddress(owner)],
    });
    assert.equal(paid.toLowerCase(), PAYEE);
  });

  test("a consensus key is rotated, kept beside the first, and names the same node", async () => {
    const made = await json(owner, "node", "rotate-keys", "--light");
    const keys = await openKeystore({ dir: owner.keystore, password: PASSWORD });
    assert.equal(keys.rotated.length, 1);
    assert.equal(made.consensusKey, toHex(keys.rotated[0]?.publicKey as Uint8Array));
    const registered = await l2.client.readContract({
      address: l2.deployment.staking,
      abi: nodeStakingAbi,
      functionName: "keyOf",
      args: [1, 1],
    });
    assert.deepEqual(fromHex(registered), g1ToEip2537(keys.rotated[0]?.publicKey as Uint8Array));
    assert.equal((await json(owner, "keys", "show")).consensusKey, made.consensusKey);
    await refused(owner, ["node", "rotate-keys", "--light"], /RotatedThisEpoch/);
    await refused(owner, ["node", "rotate-keys", "--light"], /RotatedThisEpoch/);
    const after = await openKeystore({ dir: owner.keystore, password: PASSWORD });
    assert.equal(after.rotated.length, 2, "a key that was not registered is taken again");
    await json(owner, "stake", "10");
    assert.equal((await node()).staked, 2_010n * FLK);
  });

  test("a network key is replaced once the L2 knows the new one, and the old one is kept", async () => {
    const before = await json(owner, "keys", "show");
    await copyFile(join(owner.keystore, "network.json"), join(folder, "network.json"));
    const made = await json(owner, "node", "rotate-network-key", "--light");
    assert.notEqual(made.networkKey, before.networkKey);
    assert.equal((await node()).networkKey, made.networkKey);
    assert.equal((await json(owner, "keys", "show")).networkKey, made.networkKey);
    const names = await readdir(owner.keystore);
    assert.ok(names.includes("network-old-1.json") && !names.includes("network-next.json"), names.join());
    // the process ended between the L2 and the file
    await rename(join(owner.keystore, "network.json"), join(owner.keystore, "network-next.json"));
    await rename(join(folder, "network.json"), join(owner.keystore, "network.json"));
    const again = await json(owner, "node", "rotate-network-key", "--light");
    assert.deepEqual([again.networkKey, again.txHash], [made.networkKey, null]);
    const opened = await openKeystore({ dir: owner.keystore, password: PASSWORD });
    assert.equal(toHex(opened.network.publicKey), made.networkKey);
  });

  test("a top-up is signed by one and submitted by another, and asked back on the L2", async () => {
    const file = join(folder, "topup.json");
    const signed = await json(owner, "authorization", "sign", "4", "--out", file);
    assert.equal(signed.amount, String(4n * USD));
    await refused(
      owner,
      ["authorization", "sign", "4", "--out", file],
      /^error ERR_OUTPUT_FILE: .*topup\.json is there already/m,
    );
    await json(other, "authorization", "submit", file);
    assert.equal(await depositedBy(owner), 4n * USD);
    await refused(other, ["authorization", "submit", file], /^error ERR_L2_REVERTED: /m);
    await json(other, "topup", "2.000001", "--for", await ownerAddress(owner));
    assert.equal(await depositedBy(owner), 6n * USD + 1n);
    await json(owner, "withdraw", "1.5", "--on-l2");
    const [asked] = await l2.client.getContractEvents({
      address: l2.deployment.vault,
      abi: clientVaultAbi,
      eventName: "WithdrawRequested",
      fromBlock: 0n,
      strict: true,
    });
    assert.equal(asked?.args.amount, 1_500_000n);
  });

  test("nothing is made active before anything is settled", async () => {
    assert.deepEqual(await json(other, "activate"), { activated: [] });
  });

  test("nobody freezes or escapes before it is time", async () => {
    await refused(other, ["freeze"], /^error ERR_L2_REVERTED: freeze: NotStarted/m);
    await refused(owner, ["escape"], /^error ERR_NOT_FROZEN: the settlement is not frozen/m);
  });

  test("evidence in a file slashes", async () => {
    const { consensus } = await openKeystore({ dir: owner.keystore, password: PASSWORD });
    const payloads = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
    const shares = payloads.map((payload) =>
      consensus.sign(
        consensusMessage(fromHex(l2.deployment.networkId), KIND.header, 0, headerSlot(3), payload),
      ),
    );
    const evidence = {
      kind: KIND.header,
      epoch: 0,
      slot: "3",
      payloadA: toHex(payloads[0] as Uint8Array),
      signersA: [String(1n << 32n)],
      payloadB: toHex(payloads[1] as Uint8Array),
      signersB: [String(1n << 32n)],
      signature: toHex(g2ToEip2537(blsAggregateSignatures(shares))),
    };
    const file = join(folder, "evidence.json");
    await writeFile(file, JSON.stringify(evidence));
    const { slashed } = await json(other, "slash", file);
    assert.equal(slashed, (201n * FLK).toString());
    assert.equal((await node()).slashed, 201n * FLK);
    await refused(other, ["slash", file], /^error ERR_L2_REVERTED: slashEquivocation: AlreadySlashed/m);
  });
});
