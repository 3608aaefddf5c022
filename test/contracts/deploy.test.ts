import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  getAddress,
  http,
  parseEther,
  stringToHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { type Deployment, deployAll } from "#scripts/deploy/deploy-all.ts";
import { buildContracts, projectHardhat, ROOT } from "#scripts/deploy/hardhat.ts";
import { DEVNET_PARAMETERS, PARAMETERS, parseNetwork, readNetwork } from "#scripts/deploy/networks.ts";
import { assertFitForChain, readAddress, readKey } from "#scripts/deploy/options.ts";
import type { DeployParameters } from "#scripts/deploy/parameters.ts";
import { type Finished, flk } from "#test/cli/support.ts";
import { type Anvil, startAnvil } from "./support/l2.ts";

const CHAIN = 424_242;
const KEY: Hex = `0x${"5a".repeat(32)}`;
const DEPLOYER = privateKeyToAccount(KEY).address;
const PUBLIC_ACCOUNT: Hex = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const accountOf = (i: number): Hex => getAddress(`0x${"00".repeat(19)}f${i}`);
const REAL: DeployParameters = {
  ...DEVNET_PARAMETERS,
  flkReceiver: accountOf(1),
  guardian: accountOf(2),
  launcher: accountOf(3),
  serviceOwner: accountOf(4),
  minBalance: 20_000n,
};
const NETWORKS = join(ROOT, "scripts", "deploy", "networks");
const asFile = (parameters: object): string =>
  JSON.stringify(parameters, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

describe("options of a deployment", () => {
  test("an address is hex of 20 bytes with a right checksum, and not zero", () => {
    assert.equal(readAddress("--stable", PUBLIC_ACCOUNT.toLowerCase()), PUBLIC_ACCOUNT);
    const wrongChecksum = PUBLIC_ACCOUNT.replace("0xf39F", "0xf39f");
    for (const bad of ["", "0x", "0x12", "f39Fd6e51aad88F6F4ce6aB8827279cffFb92266", wrongChecksum]) {
      assert.throws(() => readAddress("--stable", bad), { code: "ERR_DEPLOY_INPUT" });
    }
    assert.throws(() => readAddress("--stable", `0x${"0".repeat(40)}`), { code: "ERR_DEPLOY_INPUT" });
  });

  test("a key is hex of 32 bytes, and no message repeats a bad one", () => {
    assert.equal(readKey("FLK_DEPLOYER_KEY", KEY), KEY);
    for (const bad of ["5a".repeat(32), `0x${"5a".repeat(31)}`, `0x${"zz".repeat(32)}`, `${KEY}00`]) {
      assert.throws(
        () => readKey("FLK_DEPLOYER_KEY", bad),
        (error: Error & { code?: string }) =>
          error.code === "ERR_DEPLOY_INPUT" && !error.message.includes(bad.slice(4, 20)),
      );
    }
  });

  test("a network file gives back what it was written from, and the one checked in is the devnet's", async () => {
    assert.deepEqual(parseNetwork(asFile(REAL)), REAL);
    assert.deepEqual(await readNetwork(join(NETWORKS, "devnet.json")), DEVNET_PARAMETERS);
  });

  test("docs/operations/deployment.md names every parameter", async () => {
    const doc = await readFile(join(ROOT, "docs", "operations", "deployment.md"), "utf8");
    for (const key of PARAMETERS) assert.ok(doc.includes(`\`${key}\``), key);
  });

  test("the example of a network keeps every rule, and is refused until it names its people", async () => {
    const example = JSON.parse(await readFile(join(NETWORKS, "example.json"), "utf8")) as object;
    assert.throws(() => parseNetwork(JSON.stringify(example)), { data: { key: "flkReceiver" } });
    const people = { flkReceiver: accountOf(1), guardian: accountOf(2), launcher: accountOf(3) };
    const named = { ...example, ...people, serviceOwner: accountOf(4) };
    assert.equal(parseNetwork(JSON.stringify(named)).activationDelay, 21_600n);
  });

  test("in the example a close that grants the FLK of weeks at once, after a pause of the auction, is not held", async () => {
    const example = JSON.parse(await readFile(join(NETWORKS, "example.json"), "utf8"));
    const yearly = (BigInt(example.flkSupply) * BigInt(example.maxInflationBps)) / 10_000n;
    // a pause lasts at most 14 days, and the lot that waited through it is sold after
    assert.ok(BigInt(example.maxFlkPayout) > (28n * yearly) / 365n);
  });

  test("a network file with anything else is refused, and the entry is named", async () => {
    for (const bad of ["", "[]", "null", "1"]) {
      assert.throws(() => parseNetwork(bad), { code: "ERR_DEPLOY_PARAMETERS" });
    }
    await assert.rejects(readNetwork(join(NETWORKS, "none.json")), { code: "ERR_DEPLOY_PARAMETERS" });
    const entries = {
      comitteeSize: "4",
      committeeSize: 4,
      minStake: "1e3",
      l2Stride: "-1",
      treasury: "auction",
      guardian: "0x1",
      serviceOwner: "deployer",
    };
    for (const [key, value] of Object.entries(entries)) {
      const file = JSON.stringify({ ...JSON.parse(asFile(REAL)), [key]: value });
      assert.throws(() => parseNetwork(file), { code: "ERR_DEPLOY_PARAMETERS", data: { key } });
    }
    const { minBalance: _, ...incomplete } = REAL;
    assert.throws(() => parseNetwork(asFile(incomplete)), { data: { key: "minBalance" } });
  });

  test("entries that break a rule together are refused before anything is deployed", async () => {
    const broken: Partial<DeployParameters> = {
      nodeShareBps: 7_999n,
      flkCeilingBps: 10_001n,
      thawPeriod: 92n,
      activationDelay: 0n,
      closeTimeTolerance: 86_401n,
      escapeDelay: 83n,
      exitWindow: 0n,
      recoveryDelay: 899n,
      committeeSize: 3n,
      reporterRewardBps: 5_001n,
      auctionStartMultipleBps: 10_999n,
      auctionFloorDivisor: 1n,
      auctionFirstReference: 1n,
      serviceMetadata: "no space",
      votingPeriod: 0n,
      quorumPercent: 101n,
      timelockDelay: 0n,
      bandwidthPrice: REAL.maxPrice + 1n,
      computePrice: REAL.maxPrice + 1n,
    };
    for (const [name, value] of Object.entries(broken)) {
      const key = name === "nodeShareBps" ? "buybackShareBps" : name;
      const refused = { code: "ERR_DEPLOY_PARAMETERS", data: { key } };
      assert.throws(() => parseNetwork(asFile({ ...REAL, [name]: value })), refused, name);
    }
    assert.equal(parseNetwork(asFile({ ...REAL, thawPeriod: 93n })).thawPeriod, 93n);
    assert.equal(parseNetwork(asFile({ ...REAL, escapeDelay: 84n })).escapeDelay, 84n);
    // two milliseconds more take a second more
    assert.throws(() => parseNetwork(asFile({ ...REAL, escapeDelay: 84n, epochLengthMs: 30_002n })), {
      data: { key: "escapeDelay" },
    });
  });

  test("where a vote is shorter than an epoch, accounts still wait for two epochs and two delays", () => {
    const long = { ...REAL, epochLengthMs: 60_000n, thawPeriod: 1_000n };
    assert.equal(parseNetwork(asFile({ ...long, escapeDelay: 127n })).escapeDelay, 127n);
    assert.throws(() => parseNetwork(asFile({ ...long, escapeDelay: 126n })), {
      data: { key: "escapeDelay" },
    });
  });

  test("defaults and public keys are for a development chain only", () => {
    const stable: Hex = accountOf(5);
    const real = { deployer: DEPLOYER, parameters: REAL, stable };
    assertFitForChain(31_337, { deployer: PUBLIC_ACCOUNT, parameters: undefined, stable: undefined });
    assertFitForChain(CHAIN, real);
    const { minBalance, ...incomplete } = REAL;
    assert.equal(minBalance, 20_000n);
    for (const bad of [
      { ...real, parameters: undefined },
      { ...real, parameters: incomplete },
      { ...real, stable: undefined },
    ]) {
      assert.throws(() => assertFitForChain(CHAIN, bad), { code: "ERR_DEPLOY_CHAIN" });
    }
    const known = PUBLIC_ACCOUNT.toLowerCase() as Hex;
    assert.throws(() => assertFitForChain(CHAIN, { ...real, deployer: known }), {
      code: "ERR_DEPLOY_ACCOUNT",
    });
    const holders = ["flkReceiver", "serviceOwner", "treasury", "buyback", "guardian", "launcher"] as const;
    for (const key of holders) {
      const parameters = { ...REAL, [key]: PUBLIC_ACCOUNT };
      assert.throws(() => assertFitForChain(CHAIN, { ...real, parameters }), {
        code: "ERR_DEPLOY_ACCOUNT",
        data: { name: key, address: PUBLIC_ACCOUNT, chainId: CHAIN },
      });
    }
    for (const key of ["guardian", "launcher"] as const) {
      for (const holder of ["deployer", DEPLOYER] as const) {
        assert.throws(() => assertFitForChain(CHAIN, { ...real, parameters: { ...REAL, [key]: holder } }), {
          code: "ERR_DEPLOY_ACCOUNT",
          data: { name: key, address: DEPLOYER, chainId: CHAIN },
        });
      }
    }
  });
});

describe("a deployment on a chain that is not a development one", () => {
  let anvil: Anvil;
  let dir: string;
  let file: string;
  before(async () => {
    [anvil, dir] = await Promise.all([
      startAnvil("--chain-id", String(CHAIN)),
      mkdtemp(join(tmpdir(), "flk-deploy-test-")),
    ]);
    file = join(dir, "parameters.json");
    await writeFile(file, asFile(REAL));
    const client = createTestClient({ mode: "anvil", transport: http(anvil.url) });
    await client.setBalance({ address: DEPLOYER, value: parseEther("10") });
  });
  after(async () => {
    await anvil?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const reader = () => createPublicClient({ transport: http(anvil.url), cacheTime: 0 });

  function deploy(args: string[], key?: string): Promise<Finished> {
    return flk(["deploy", "--rpc-url", anvil.url, ...args], key ? { FLK_DEPLOYER_KEY: key } : {});
  }

  async function deployToken(): Promise<Hex> {
    const hre = await projectHardhat();
    await buildContracts(hre);
    const { bytecode } = await hre.artifacts.readArtifact("MockUSD");
    const wallet = createWalletClient({ account: privateKeyToAccount(KEY), transport: http(anvil.url) });
    const hash = await wallet.deployContract({
      abi: mockUsdAbi,
      bytecode: bytecode as Hex,
      chain: null,
    });
    const { contractAddress } = await reader().waitForTransactionReceipt({ hash, pollingInterval: 20 });
    assert.ok(contractAddress);
    return contractAddress;
  }

  test("defaults are refused before anything is sent", async () => {
    await assert.rejects(deployAll({ rpcUrl: anvil.url }), { code: "ERR_DEPLOY_CHAIN" });
    const refused = await deploy([], KEY);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^error ERR_DEPLOY_CHAIN: chain 424242 needs every parameter in a file/m);
    const unlocked = await deploy(["--network", file, "--stable", DEPLOYER]);
    assert.match(unlocked.stderr, /^error ERR_DEPLOY_ACCOUNT: deployer is 0xf39F/im);
    const noToken = await deploy(["--network", file, "--stable", DEPLOYER], KEY);
    assert.match(noToken.stderr, /^error ERR_DEPLOY_INPUT: there is no token at/m);
    assert.equal(await reader().getBlockNumber(), 0n);
  });

  test("a bad address, key or file is named, and the key is not shown", async () => {
    const address = await deploy(["--stable", "0x12"], KEY);
    assert.equal(address.code, 1);
    assert.match(address.stderr, /^error ERR_DEPLOY_INPUT: --stable is not an address: 0x12/m);
    const key = await deploy([], "0xsecret");
    assert.match(key.stderr, /^error ERR_DEPLOY_INPUT: FLK_DEPLOYER_KEY is not a key/m);
    assert.doesNotMatch(key.stderr, /secret/);
    const missing = await deploy(["--network", join(dir, "none.json")], KEY);
    assert.match(missing.stderr, /^error ERR_DEPLOY_PARAMETERS: cannot read/m);
  });

  test("with a file, a stablecoin and a real key it deploys what the file says, and checks it", async () => {
    const stable = await deployToken();
    const out = join(dir, "deployment.json");
    const { code, stdout, stderr } = await deploy(
      ["--network", file, "--stable", stable, "--out", out, "--json"],
      KEY,
    );
    assert.equal(code, 0, stderr);
    const deployed = JSON.parse(stdout) as Deployment;
    assert.deepEqual(JSON.parse(await readFile(out, "utf8")), deployed);
    const again = await deploy(["--network", file, "--stable", stable, "--out", out], KEY);
    assert.match(again.stderr, /^error ERR_CONFIG_EXISTS: .*deployment\.json is there already/m);
    const nowhere = await deploy(["--out", join(dir, "none", "deployment.json")], KEY);
    assert.match(nowhere.stderr, /^error ERR_OUTPUT_FILE: .*deployment\.json cannot be written/m);
    assert.equal(deployed.chainId, CHAIN);
    assert.equal(deployed.stable.toLowerCase(), stable.toLowerCase());
    assert.equal(deployed.deployer.toLowerCase(), DEPLOYER.toLowerCase());
    assert.deepEqual([deployed.guardian, deployed.launcher], [REAL.guardian, REAL.launcher]);
    const client = reader();
    const vault = { address: deployed.vault, abi: clientVaultAbi } as const;
    assert.equal(await client.readContract({ ...vault, functionName: "minDeposit" }), REAL.minBalance);
    const parameters = { address: deployed.parameters, abi: protocolParametersAbi } as const;
    const value = (key: string) =>
      client.readContract({ ...parameters, functionName: "get", args: [stringToHex(key, { size: 32 })] });
    assert.equal(await value("minBalance"), REAL.minBalance);
    assert.equal(await value("treasury"), BigInt(deployed.timelock));
    assert.equal(await value("buyback"), BigInt(deployed.auction));
    const services = { address: deployed.services, abi: serviceRegistryAbi } as const;
    const service = await client.readContract({ ...services, functionName: "service", args: [0] });
    assert.equal(service.owner, REAL.serviceOwner);
    assert.equal(await client.getBalance({ address: deployed.settlement }), REAL.refundPool);

    const verified = await deploy(["--verify", out, "--json"]);
    assert.deepEqual([verified.code, verified.stdout], [0, '{"ok":true}\n']);

    const folder = join(dir, "sources");
    const sources = await deploy(["--sources", folder, "--of", out, "--json"]);
    assert.equal(sources.code, 0, sources.stderr);
    const { files } = JSON.parse(sources.stdout) as { files: string[] };
    assert.deepEqual((await readdir(folder)).sort(), files.sort());
    assert.equal(files.length, 21);
    const vaultFile = `vault-implementation-${deployed.implementations.vault}.json`;
    const request = JSON.parse(await readFile(join(folder, vaultFile), "utf8"));
    const [path, name] = request.contractIdentifier.split(":");
    assert.equal(name, "ClientVault");
    assert.match(request.stdJsonInput.sources[path].content, /contract ClientVault/);
    assert.match(request.compilerVersion, /^0\.8\.37\+commit/);
  });

  test("a deployment that broke off goes on from its journal, and one that is done does nothing", async () => {
    const stable = await deployToken();
    const journal = join(dir, "journal");
    const options = { rpcUrl: anvil.url, deployerKey: KEY, parameters: REAL, stable, journal };
    const test = createTestClient({ mode: "anvil", transport: http(anvil.url) });
    // enough for the first steps
    await test.setBalance({ address: DEPLOYER, value: parseEther("0.01") });
    const begun = await reader().getBlockNumber();
    await assert.rejects(deployAll(options), { code: "ERR_DEPLOY" });
    assert.ok((await reader().getBlockNumber()) > begun);

    await test.setBalance({ address: DEPLOYER, value: parseEther("10") });
    const deployed = await deployAll(options);
    const block = await reader().getBlockNumber();
    assert.equal(deployed.fromBlock, Number(begun) + 1);
    assert.deepEqual(await deployAll(options), deployed);
    assert.equal(await reader().getBlockNumber(), block);
    await writeFile(join(dir, "resumed.json"), JSON.stringify(deployed));
    const verified = await deploy(["--verify", join(dir, "resumed.json")]);
    assert.equal(verified.code, 0, verified.stderr);
  });
});
