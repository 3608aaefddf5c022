import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import {
  type Abi,
  concat,
  createTestClient,
  encodeAbiParameters,
  encodeDeployData,
  encodeEventTopics,
  encodeFunctionData,
  type Hash,
  http,
  keccak256,
  numberToHex,
  parseAbi,
  parseAbiItem,
  size,
  toBytes,
  zeroHash,
} from "viem";
import { accessManagerAbi } from "#protocol/abi/AccessManager.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkTimelockAbi } from "#protocol/abi/FlkTimelock.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { type Deployed, readDeployed } from "#scripts/check/deployment/deployment.ts";
import { verifyDeployment } from "#scripts/check/deployment/verify.ts";
import { buildContracts, projectHardhat } from "#scripts/deploy/hardhat.ts";
import { callAs, startTestL2, type TestL2 } from "./support/l2.ts";

type Hardhat = Awaited<ReturnType<typeof projectHardhat>>;

const STRANGER: Hex = "0x00000000000000000000000000000000000a11ce";
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const INITIALIZABLE_SLOT = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";
/** Runs the code that follows 32 bytes of salt, from an address that every chain has. */
const FACTORY: Hex = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const UUPS = parseAbi(["function upgradeToAndCall(address implementation, bytes data) payable"]);
const UPGRADED = parseAbiItem("event Upgraded(address indexed implementation)");

let l2: TestL2;
let hre: Hardhat;
let folder: string;
let deployed: Deployed;
let snapshot: Hex;

const node = () => createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
const at = (name: string): Hex => {
  const address = deployed.addresses.get(name);
  assert.ok(address);
  return address;
};
const word = (value: Hex | bigint): Hex => numberToHex(BigInt(value), { size: 32 });

before(async () => {
  l2 = await startTestL2();
  hre = await projectHardhat();
  await buildContracts(hre);
  folder = await mkdtemp(join(tmpdir(), "flk-history-test-"));
  await writeFile(join(folder, "deployment.json"), JSON.stringify(l2.deployment));
  deployed = await readDeployed(join(folder, "deployment.json"));
});
after(async () => {
  await l2?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  snapshot = await node().snapshot();
});
afterEach(() => node().revert({ id: snapshot }));

async function problems(changed: Deployed = deployed): Promise<string[]> {
  const found = await verifyDeployment(l2.rpcUrl, changed);
  return found.map(({ code, text }) => `${code}: ${text}`);
}

async function told(changed: Deployed, problem: string): Promise<void> {
  const all = await problems(changed);
  assert.ok(all.includes(problem), all.join("\n"));
}

/** Sends as the deployer: to `to`, or what makes a contract. */
async function send(data: Hex, to?: Hex): Promise<Hex | null | undefined> {
  const hash = await l2.wallet(0).sendTransaction(to ? { to, data } : { data });
  const receipt = await l2.client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  return receipt.contractAddress;
}

async function make(initCode: Hex): Promise<Hex> {
  const address = await send(initCode);
  assert.ok(address);
  return address.toLowerCase() as Hex;
}

async function initCode(artifact: string, args: unknown[] = []): Promise<Hex> {
  const { abi, bytecode } = await hre.artifacts.readArtifact(artifact);
  return encodeDeployData({ abi: abi as Abi, bytecode: bytecode as Hex, args });
}

/** What makes a contract with this code, whatever its own constructor would do: it stores words and logs topics instead. */
function forged(runtime: Hex, { stores, topics }: { stores: [key: Hex, value: Hex][]; topics: Hex[] }): Hex {
  const push = (value: Hex): Hex => concat(["0x7f", value]);
  const stored = stores.map(([key, value]) => concat([push(value), push(key), "0x55"]));
  const opcode = numberToHex(0xa0 + topics.length, { size: 1 });
  const logged = concat([...topics.toReversed().map(push), "0x60605f", opcode]);
  const head = concat([...stored, logged]);
  const tail = 11;
  const length = numberToHex(size(runtime), { size: 2 });
  const offset = numberToHex(size(head) + tail, { size: 2 });
  const returned = concat(["0x61", length, "0x8061", offset, "0x5f395ff3"]);
  assert.equal(size(returned), tail);
  return concat([head, returned, runtime]);
}

async function codeOf(address: Hex): Promise<Hex> {
  const code = await l2.client.getCode({ address });
  assert.ok(code);
  return code;
}

async function reserved(): Promise<Hex> {
  const [log] = await l2.client.getLogs({ address: at("services"), event: UPGRADED, fromBlock: 0n });
  assert.ok(log?.args.implementation);
  return log.args.implementation.toLowerCase() as Hex;
}

const withImplementation = (name: keyof Deployed["implementations"], address: Hex): Deployed => ({
  ...deployed,
  implementations: { ...deployed.implementations, [name]: address },
});

describe("what a deployer prepared and then covered up is told", () => {
  test("a proxy that ran other code before its implementation", async () => {
    const proxy = at("services");
    await node().setStorageAt({ address: proxy, index: IMPLEMENTATION_SLOT, value: word(await reserved()) });
    const throwaway = await make(await initCode("Reserved"));
    const { services } = deployed.implementations;
    for (const to of [throwaway, services]) {
      const call = { abi: UUPS, functionName: "upgradeToAndCall", args: [to, "0x"] } as const;
      await send(encodeFunctionData(call), proxy);
    }
    const path = `${services}, then to ${throwaway}, then to ${services}`;
    assert.deepEqual(await problems(), [
      `ERR_DEPLOYMENT_UPGRADE: services was upgraded from Reserved to ${path}, and not to ${services} alone`,
    ]);
  });

  test("a proxy that answered to another authority", async () => {
    const call = { address: at("services"), abi: serviceRegistryAbi as Abi, functionName: "setAuthority" };
    await callAs(l2, at("accessManager"), { ...call, args: [at("flk")] });
    await callAs(l2, at("flk"), { ...call, args: [at("accessManager")] });
    assert.deepEqual(await problems(), [
      "ERR_DEPLOYMENT_AUTHORITY: an authority that services had is flk, not accessManager",
    ]);
  });

  test("tokens that somebody may take, until the allowance is gone", async () => {
    const call = { abi: flkAbi as Abi, functionName: "approve" };
    const approve = (token: string, owner: string, amount: bigint) =>
      callAs(l2, at(owner), { ...call, address: at(token), args: [STRANGER, amount] });
    await approve("flk", "staking", 5n);
    await approve("stable", "vault", 7n);
    assert.deepEqual(await problems(), [
      `ERR_DEPLOYMENT_ALLOWANCE: ${STRANGER} may take 7 of stable from vault`,
      `ERR_DEPLOYMENT_ALLOWANCE: ${STRANGER} may take 5 of flk from staking`,
    ]);
    await approve("flk", "staking", 0n);
    await approve("stable", "vault", 0n);
    assert.deepEqual(await problems(), []);
  });

  test("an operation that waits in the timelock without a vote", async () => {
    const proposer = keccak256(toBytes("PROPOSER_ROLE"));
    const operation = [at("accessManager"), 0n, "0x", zeroHash, zeroHash] as const;
    const address = at("timelock");
    const call = (from: Hex, functionName: string, args: unknown[]) =>
      callAs(l2, from, { address, abi: flkTimelockAbi as Abi, functionName, args });
    await call(address, "grantRole", [proposer, STRANGER]);
    await call(STRANGER, "schedule", [...operation, 5n]);
    await call(address, "revokeRole", [proposer, STRANGER]);
    const id = await l2.client.readContract({
      address,
      abi: flkTimelockAbi,
      functionName: "hashOperation",
      args: operation,
    });
    assert.deepEqual(await problems(), [
      `ERR_DEPLOYMENT_TIMELOCK: operation ${id} waits in the timelock, and no vote put it there`,
    ]);
  });
});

describe("a contract that was not created as it should be is told", () => {
  test("an AccessManager whose constructor hid an administrator", async () => {
    const members = keccak256(encodeAbiParameters([{ type: "uint64" }, { type: "uint256" }], [0n, 1n]));
    const member = keccak256(
      encodeAbiParameters([{ type: "address" }, { type: "bytes32" }], [STRANGER, members]),
    );
    const args = { roleId: 0n, account: at("deployer") };
    const topics = encodeEventTopics({ abi: accessManagerAbi, eventName: "RoleGranted", args }) as Hash[];
    const code = await codeOf(at("accessManager"));
    const accessManager = await make(forged(code, { stores: [[member, word(1n)]], topics }));
    const [isAdmin] = await l2.client.readContract({
      address: accessManager,
      abi: accessManagerAbi,
      functionName: "hasRole",
      args: [0n, STRANGER],
    });
    assert.equal(isAdmin, true);
    const changed = {
      ...deployed,
      addresses: new Map([...deployed.addresses, ["accessManager", accessManager]]),
    };
    const all = await problems(changed as Deployed);
    assert.ok(
      all.includes("ERR_DEPLOYMENT_CREATION: accessManager was not created by the code of AccessManager"),
      all.join("\n"),
    );
    assert.ok(!all.some((text) => text.includes(STRANGER)), "no event names the stranger");
  });

  test("a second part of the settlement that has another vault in its code", async () => {
    const { flk, stable, staking, parameters, settlement } = l2.deployment;
    const control = await make(
      await initCode("SettlementControl", [flk, stable, STRANGER, staking, parameters]),
    );
    const address = await l2.client.readContract({
      address: settlement,
      abi: parseAbi(["function control() view returns (address)"]),
      functionName: "control",
    });
    const real = await codeOf(deployed.implementations.settlement);
    const runtime = real.replaceAll(address.slice(2).toLowerCase(), control.slice(2)) as Hex;
    const locked: [Hex, Hex] = [INITIALIZABLE_SLOT, word((1n << 64n) - 1n)];
    const topics = [keccak256(toBytes("Initialized(uint64)"))];
    const forgery = await make(forged(runtime, { stores: [locked], topics }));
    const own = deployed.implementations.settlement.slice(2);
    // its own address is one of the immutables
    await node().setCode({
      address: forgery,
      bytecode: (await codeOf(forgery)).replaceAll(own, forgery.slice(2)) as Hex,
    });
    await node().setStorageAt({
      address: at("settlement"),
      index: IMPLEMENTATION_SLOT,
      value: word(forgery),
    });
    const all = await problems(withImplementation("settlement", forgery));
    const creations = all.filter((text) => text.startsWith("ERR_DEPLOYMENT_CREATION"));
    const what = "the implementation of settlement";
    assert.equal(
      creations[0],
      `ERR_DEPLOYMENT_CREATION: ${what} was not created by the code of EpochSettlement`,
    );
    assert.match(creations[1] ?? "", new RegExp(`settlement.control\\(\\) is ${control}, not 0x`));
    const others = all.filter((text) => !text.startsWith("ERR_DEPLOYMENT_CREATION"));
    assert.ok(
      others.every((text) => text.startsWith("ERR_DEPLOYMENT_UPGRADE")),
      others.join("\n"),
    );
  });

  test("an implementation with another contract in its code", async () => {
    const other = await make(await initCode("ServiceRegistry", [STRANGER]));
    await told(
      withImplementation("services", other),
      `ERR_DEPLOYMENT_CREATION: the implementation of services was created with protocolParameters ${STRANGER}, not parameters`,
    );
  });

  test("an implementation with more than its arguments, or with none of the code that makes it", async () => {
    const right = await initCode("ServiceRegistry", [at("parameters")]);
    const more = await make(concat([right, "0x00"]));
    const says = "ERR_DEPLOYMENT_CREATION: the implementation of services was created with";
    await told(withImplementation("services", more), `${says} more than its arguments`);
    const forgery = forged(await codeOf(deployed.implementations.services), {
      stores: [],
      topics: [keccak256(toBytes("Initialized(uint64)"))],
    });
    await told(
      withImplementation("services", await make(forgery)),
      "ERR_DEPLOYMENT_CREATION: the implementation of services was not created by the code of ServiceRegistry",
    );
  });

  test("an implementation that another contract created", async () => {
    const code = await initCode("ServiceRegistry", [at("parameters")]);
    await send(concat([zeroHash, code]), FACTORY);
    const hash = keccak256(concat(["0xff", FACTORY, zeroHash, keccak256(code)]));
    const address: Hex = `0x${hash.slice(-40)}`;
    assert.ok(await codeOf(address));
    const all = await problems(withImplementation("services", address));
    const says = "the implementation of services was not created by the transaction of its first log";
    assert.ok(
      all.some((text) => text.startsWith(`ERR_DEPLOYMENT_CREATION: ${says}`)),
      all.join("\n"),
    );
  });

  test("contracts that are older than the block that the file names", async () => {
    const newest = await l2.client.getBlockNumber();
    const all = await problems({ ...deployed, fromBlock: newest - 3n });
    const says = "accessManager was not created by the transaction of its first log since the file's block";
    assert.ok(
      all.some((text) => text.startsWith(`ERR_DEPLOYMENT_CREATION: ${says}`)),
      all.join("\n"),
    );
    const none = `flk at ${at("flk")} has no log since block ${newest - 3n}`;
    assert.ok(all.includes(`ERR_DEPLOYMENT_CREATION: ${none}`), all.join("\n"));
  });

  test("reserved addresses that somebody else could use", async () => {
    const address = await reserved();
    const code = await codeOf(address);
    const bytecode = code.replaceAll(at("deployer").slice(2), STRANGER.slice(2)) as Hex;
    await node().setCode({ address, bytecode });
    const names = [address, STRANGER].sort().join();
    const wanted = [address, at("deployer")].sort().join();
    assert.deepEqual(await problems(), [
      `ERR_DEPLOYMENT_CODE: what Reserved at ${address} names is ${names}, not ${wanted}`,
      `ERR_DEPLOYMENT_CODE: who uses the addresses of Reserved at ${address} is ${STRANGER}, not deployer/guardian/launcher`,
    ]);
  });
});
