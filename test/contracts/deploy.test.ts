import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
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
import { assertFitForChain, readAddress, readKey, readParameters } from "#scripts/deploy/options.ts";
import { DEVNET_PARAMETERS, type DeployParameters } from "#scripts/deploy/parameters.ts";
import { type Anvil, startAnvil } from "./support/l2.ts";

const CHAIN = 424_242;
const KEY: Hex = `0x${"5a".repeat(32)}`;
const DEPLOYER = privateKeyToAccount(KEY).address;
const PUBLIC_ACCOUNT: Hex = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const accountOf = (i: number): Hex => getAddress(`0x${"00".repeat(19)}f${i}`);
const REAL: DeployParameters = {
  ...DEVNET_PARAMETERS,
  flkReceiver: accountOf(1),
  treasury: accountOf(2),
  buyback: accountOf(3),
  serviceOwner: accountOf(4),
  minBalance: 20_000n,
};
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

  test("a parameters file gives back what it was written from", () => {
    assert.deepEqual(readParameters(asFile(REAL)), REAL);
  });

  test("a parameters file with anything else is refused, and the entry is named", () => {
    for (const bad of ["", "[]", "null", "1"]) {
      assert.throws(() => readParameters(bad), { code: "ERR_DEPLOY_PARAMETERS" });
    }
    const entries = { comitteeSize: "4", committeeSize: 4, minStake: "1e3", l2Stride: "-1", treasury: "0x1" };
    for (const [key, value] of Object.entries(entries)) {
      assert.throws(() => readParameters(JSON.stringify({ [key]: value })), {
        code: "ERR_DEPLOY_PARAMETERS",
        data: { key },
      });
    }
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
    for (const key of ["flkReceiver", "treasury", "buyback", "serviceOwner"] as const) {
      const parameters = { ...REAL, [key]: DEVNET_PARAMETERS[key] };
      assert.throws(() => assertFitForChain(CHAIN, { ...real, parameters }), {
        code: "ERR_DEPLOY_ACCOUNT",
        data: { name: key, address: DEVNET_PARAMETERS[key], chainId: CHAIN },
      });
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

  async function main(
    args: string[],
    key?: string,
  ): Promise<{ code: number | null; out: string; err: string }> {
    const { FLK_DEPLOYER_KEY: _, ...env } = process.env;
    const child = spawn(
      process.execPath,
      [join(ROOT, "scripts/deploy/main.ts"), "--rpc-url", anvil.url, ...args],
      {
        env: { ...env, ...(key && { FLK_DEPLOYER_KEY: key }) },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
    return { code, out, err };
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
    const refused = await main([], KEY);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /^ERR_DEPLOY_CHAIN: chain 424242 needs every parameter in a file/);
    const unlocked = await main(["--parameters", file, "--stable", DEPLOYER]);
    assert.match(unlocked.err, /^ERR_DEPLOY_ACCOUNT: deployer is 0xf39F/i);
    const noToken = await main(["--parameters", file, "--stable", DEPLOYER], KEY);
    assert.match(noToken.err, /^ERR_DEPLOY_INPUT: there is no token at/);
    assert.equal(await reader().getBlockNumber(), 0n);
  });

  test("a bad address, key or file is named, and the key is not shown", async () => {
    const address = await main(["--stable", "0x12"], KEY);
    assert.equal(address.code, 1);
    assert.match(address.err, /^ERR_DEPLOY_INPUT: --stable is not an address: 0x12/);
    const key = await main([], "0xsecret");
    assert.match(key.err, /^ERR_DEPLOY_INPUT: FLK_DEPLOYER_KEY is not a key/);
    assert.doesNotMatch(key.err, /secret/);
    const missing = await main(["--parameters", join(dir, "none.json")], KEY);
    assert.match(missing.err, /^ERR_DEPLOY_PARAMETERS: cannot read/);
  });

  test("with a file, a stablecoin and a real key it deploys what the file says", async () => {
    const stable = await deployToken();
    const { code, out, err } = await main(["--parameters", file, "--stable", stable], KEY);
    assert.equal(code, 0, err);
    const deployed = JSON.parse(out) as Deployment;
    assert.equal(deployed.chainId, CHAIN);
    assert.equal(deployed.stable.toLowerCase(), stable.toLowerCase());
    assert.equal(deployed.governance.toLowerCase(), DEPLOYER.toLowerCase());
    const client = reader();
    const vault = { address: deployed.vault, abi: clientVaultAbi } as const;
    assert.equal(await client.readContract({ ...vault, functionName: "minDeposit" }), REAL.minBalance);
    const parameter = await client.readContract({
      address: deployed.parameters,
      abi: protocolParametersAbi,
      functionName: "get",
      args: [stringToHex("minBalance", { size: 32 })],
    });
    assert.equal(parameter, REAL.minBalance);
    const services = { address: deployed.services, abi: serviceRegistryAbi } as const;
    const service = await client.readContract({ ...services, functionName: "service", args: [0] });
    assert.equal(service.owner, REAL.serviceOwner);
  });
});
