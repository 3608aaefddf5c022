import { hexToBytes, isAddress } from "viem";
import type { projectHardhat } from "../../deploy/hardhat.ts";
import { PARTS, PLAIN, PROXIES, type ProxyName } from "./facts.ts";
import type { World } from "./world.ts";

type Hex = `0x${string}`;
/** What this repository compiles to. */
export type Artifacts = Awaited<ReturnType<typeof projectHardhat>>["artifacts"];

/** keccak256("eip1967.proxy.implementation") - 1 */
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** ERC-7201 "openzeppelin.storage.Initializable": uint64 version, bool initializing */
const INITIALIZABLE_SLOT = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";
const LOCKED = (1n << 64n) - 1n;

/** Every contract has the code that this repository compiles to; proxies lead to initialised implementations that are locked. */
export async function checkCode(world: World, artifacts: Artifacts): Promise<void> {
  for (const [name, artifact] of Object.entries(PLAIN)) {
    await checkContract(world, artifacts, { name, address: world.address(name), artifact });
  }
  for (const name of Object.keys(PROXIES) as ProxyName[]) await checkProxy(world, artifacts, name);
  for (const [of, getter, artifact] of PARTS) {
    const address = await world.ask(world.address(of), `${getter}() view returns (address)`);
    if (address && isAddress(address)) {
      await checkContract(world, artifacts, { name: `${of}.${getter}()`, address, artifact });
    } else world.report("ERR_DEPLOYMENT_CODE", `${of}.${getter}() names no contract`);
  }
}

async function checkProxy(world: World, artifacts: Artifacts, name: ProxyName): Promise<void> {
  const proxy = world.address(name);
  const expected = world.deployed.implementations[name];
  await checkContract(world, artifacts, { name, address: proxy, artifact: "ERC1967Proxy" });
  const behind = `0x${(await slot(world, proxy, IMPLEMENTATION_SLOT)).toString(16).padStart(40, "0")}`;
  world.expect("ERR_DEPLOYMENT_IMPLEMENTATION", `the implementation of ${name}`, behind, expected);
  const what = `the implementation of ${name}`;
  await checkContract(world, artifacts, { name: what, address: expected, artifact: PROXIES[name] });

  const versions = [
    [`the version that ${name} is initialised with`, proxy, 1n],
    [`the version that ${what} is locked with`, expected, LOCKED],
  ] as const;
  for (const [says, at, version] of versions) {
    world.expect("ERR_DEPLOYMENT_INITIALIZER", says, await slot(world, at, INITIALIZABLE_SLOT), version);
  }
}

async function slot(world: World, address: Hex, at: Hex): Promise<bigint> {
  return BigInt((await world.client.getStorageAt({ address, slot: at })) ?? "0x0");
}

async function checkContract(
  world: World,
  artifacts: Artifacts,
  { name, address, artifact }: { name: string; address: Hex; artifact: string },
): Promise<void> {
  const code = await world.client.getCode({ address });
  if (code === undefined) {
    world.report("ERR_DEPLOYMENT_CODE", `${name}: there is no code at ${address}`);
    return;
  }
  const { deployedBytecode, immutableReferences = {} } = await artifacts.readArtifact(artifact);
  const compiled = hexToBytes(deployedBytecode as Hex);
  const found = hexToBytes(code);
  for (const { start, length } of Object.values(immutableReferences).flat()) {
    found.fill(0, start, start + length);
  }
  if (Buffer.compare(found, compiled) !== 0) {
    world.report("ERR_DEPLOYMENT_CODE", `${name}: the code at ${address} is not that of ${artifact}`);
  }
}

/**
 * What proxies lead to at first, which lets the deployer alone upgrade them. Its creation has no log to be found by, so that
 * its immutables are read from its code: its own address and the deployer's, and its getter says which is which.
 */
export async function checkReserved(world: World, artifacts: Artifacts, address: Hex): Promise<void> {
  const artifact = "Reserved";
  await checkContract(world, artifacts, { name: "what proxies led to first", address, artifact });
  const code = (await world.client.getCode({ address })) ?? "0x";
  const { immutableReferences = {} } = await artifacts.readArtifact(artifact);
  const kept = Object.values(immutableReferences).map((places) => {
    const values = places.map(({ start, length }) => code.slice(2 + 2 * start, 2 + 2 * (start + length)));
    return [...new Set(values.map((value) => `0x${value.slice(-40)}`))].join();
  });
  const deployer = world.address("deployer");
  const expected = [address, deployer].sort().join();
  world.expect("ERR_DEPLOYMENT_CODE", `what Reserved at ${address} names`, kept.sort().join(), expected);
  const told = await world.ask(address, "deployer() view returns (address)");
  world.expect("ERR_DEPLOYMENT_CODE", `who uses the addresses of Reserved at ${address}`, told, deployer);
}
