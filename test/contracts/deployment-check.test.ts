import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { type Abi, createTestClient, http, keccak256, numberToHex, toBytes, toFunctionSelector } from "viem";
import { accessManagerAbi } from "#protocol/abi/AccessManager.ts";
import { flkTimelockAbi } from "#protocol/abi/FlkTimelock.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { type Deployed, readDeployed } from "#scripts/check/deployment/deployment.ts";
import { LINKS } from "#scripts/check/deployment/facts.ts";
import { checkLinks } from "#scripts/check/deployment/links.ts";
import { checkDeployer } from "#scripts/check/deployment/roles.ts";
import { verifyDeployment } from "#scripts/check/deployment/verify.ts";
import { World } from "#scripts/check/deployment/world.ts";
import { callAs, startTestL2, type TestL2 } from "./support/l2.ts";

const GUARDIAN: Hex = "0x00000000000000000000000000000000000a0001";
const LAUNCHER: Hex = "0x00000000000000000000000000000000000a0002";
const STRANGER: Hex = "0x00000000000000000000000000000000000a11ce";
const NOWHERE: Hex = "0x00000000000000000000000000000000000b0b0b";
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
const INITIALIZABLE_SLOT = "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00";
/** ERC-7201 "openzeppelin.storage.AccessManaged" */
const AUTHORITY_SLOT = "0xf3177357ab46d8af007ab3fdb9af81da189e1068fefdc0073dca88a2cab40a00";
const PROPOSER = keccak256(toBytes("PROPOSER_ROLE"));
const CANCELLER = keccak256(toBytes("CANCELLER_ROLE"));

let l2: TestL2;
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
  l2 = await startTestL2({ guardian: GUARDIAN, launcher: LAUNCHER });
  folder = await mkdtemp(join(tmpdir(), "flk-check-test-"));
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

const as = (account: Hex, call: Parameters<typeof callAs>[2]) => callAs(l2, account, call);
const admin = (functionName: string, ...args: unknown[]) =>
  as(at("timelock"), { address: at("accessManager"), abi: accessManagerAbi as Abi, functionName, args });
const timelock = (functionName: string, ...args: unknown[]) =>
  as(at("timelock"), { address: at("timelock"), abi: flkTimelockAbi as Abi, functionName, args });

async function problems(changed: Deployed = deployed): Promise<string[]> {
  const found = await verifyDeployment(l2.rpcUrl, changed);
  return found.map(({ code, text }) => `${code}: ${text}`);
}
const renamed = (changes: Record<string, Hex>): Deployed => ({
  ...deployed,
  addresses: new Map([...deployed.addresses, ...Object.entries(changes)]),
});

test("a fresh deployment has no problem", async () => {
  assert.deepEqual(await problems(), []);
});

test("a file that is no deployment is refused, and what it lacks is named", async () => {
  const path = join(folder, "other.json");
  for (const [change, message] of [
    [{ slasher: "0x12" }, /slasher is not an address/],
    [{ implementations: {} }, /settlement is not an address/],
    [{ fromBlock: "1" }, /chainId, fromBlock and networkId/],
  ] as const) {
    await writeFile(path, JSON.stringify({ ...l2.deployment, ...change }));
    await assert.rejects(readDeployed(path), message);
  }
});

for (const [from, getter, to] of LINKS) {
  test(`ERR_DEPLOYMENT_LINK when ${from}.${getter}() is not the deployment's ${to}`, async () => {
    const world = new World(l2.rpcUrl, renamed({ [to]: NOWHERE }));
    await checkLinks(world);
    const wanted = `${from}.${getter}() is ${from === to ? "undefined" : l2.deployment[to as "flk"].toLowerCase()}, not ${to}`;
    const texts = world.problems.filter(({ code }) => code === "ERR_DEPLOYMENT_LINK").map(({ text }) => text);
    assert.ok(texts.includes(wanted), texts.join("\n"));
  });
}

/** What to break, and the problem that must be among those found; the only one where `alone`. */
const BROKEN: [
  what: string,
  breakIt: () => Promise<Deployed | undefined>,
  found: () => string,
  alone?: "alone",
][] = [
  [
    "another chain",
    async () => ({ ...deployed, chainId: 1 }),
    () => "ERR_DEPLOYMENT_CHAIN: the chain is 31337, not 1",
  ],
  [
    "another network id in the file",
    async () => ({ ...deployed, networkId: word(7n) }),
    () => `ERR_DEPLOYMENT_CHAIN: the network id of the file is ${word(7n)}, not ${deployed.networkId}`,
    "alone",
  ],
  [
    "a settlement that says another network id",
    () => replaceCode(deployed.implementations.settlement),
    () => `ERR_DEPLOYMENT_CHAIN: settlement.networkId() is undefined, not ${deployed.networkId}`,
  ],
  [
    "no code where a contract is",
    async () => renamed({ governor: NOWHERE }),
    () => `ERR_DEPLOYMENT_CODE: governor: there is no code at ${NOWHERE}`,
  ],
  [
    "other code where a contract is",
    () => replaceCode(at("accessManager")),
    () =>
      `ERR_DEPLOYMENT_CODE: accessManager: the code at ${at("accessManager")} is not that of AccessManager`,
  ],
  [
    "other code behind a proxy",
    () => replaceCode(deployed.implementations.votes),
    () =>
      `ERR_DEPLOYMENT_CODE: the implementation of votes: the code at ${deployed.implementations.votes} is not that of FlkVotes`,
  ],
  [
    "other code in the settlement's second part",
    async () => {
      const control = await new World(l2.rpcUrl, deployed).ask(
        at("settlement"),
        "control() view returns (address)",
      );
      return replaceCode(control as Hex);
    },
    () => "is not that of SettlementControl",
  ],
  [
    "no second part of the settlement",
    () => replaceCode(deployed.implementations.settlement),
    () => "ERR_DEPLOYMENT_CODE: settlement.control() names no contract",
  ],
  [
    "a proxy that was upgraded",
    () => store(at("vault"), IMPLEMENTATION_SLOT, word(deployed.implementations.staking)),
    () =>
      `ERR_DEPLOYMENT_IMPLEMENTATION: the implementation of vault is ${deployed.implementations.staking}, not ${deployed.implementations.vault}`,
  ],
  [
    "a proxy that anyone can initialise",
    () => store(at("slasher"), INITIALIZABLE_SLOT, word(0n)),
    () => "ERR_DEPLOYMENT_INITIALIZER: the version that slasher is initialised with is 0, not 1",
    "alone",
  ],
  [
    "an implementation that anyone can initialise",
    () => store(deployed.implementations.slasher, INITIALIZABLE_SLOT, word(0n)),
    () =>
      "ERR_DEPLOYMENT_INITIALIZER: the version that the implementation of slasher is locked with is 0, not 18446744073709551615",
    "alone",
  ],
  [
    "another authority",
    () => store(at("staking"), AUTHORITY_SLOT, word(STRANGER)),
    () => `ERR_DEPLOYMENT_AUTHORITY: staking.authority() is ${STRANGER}, not accessManager`,
    "alone",
  ],
  [
    "a stablecoin of 18 decimals",
    async () => renamed({ stable: at("flk") }),
    () => "ERR_DEPLOYMENT_STABLE: stable.decimals() is 18, not 6",
  ],
  [
    "a vault whose settlement cannot pay",
    async () => {
      const call = { address: at("stable"), abi: mockUsdAbi as Abi, functionName: "approve" };
      await as(at("vault"), { ...call, args: [at("settlement"), 5n] });
      return undefined;
    },
    () => "ERR_DEPLOYMENT_STABLE: the settlement may take only 5 of the vault's stablecoin",
    "alone",
  ],
  ...[0, 2, 3, 9].map((role): (typeof BROKEN)[number] => [
    `a stranger in role ${role}`,
    () => admin("grantRole", BigInt(role), STRANGER, 0).then(() => undefined),
    () => `ERR_DEPLOYMENT_ROLE: ${STRANGER} holds role ${role} of the AccessManager`,
    "alone",
  ]),
  [
    "a guardian without the role",
    () => admin("revokeRole", 2n, GUARDIAN).then(() => undefined),
    () => "ERR_DEPLOYMENT_ROLE: guardian does not hold role 2 of the AccessManager",
    "alone",
  ],
  [
    "a role that another one gives",
    () => admin("setRoleAdmin", 2n, 3n).then(() => undefined),
    () => "ERR_DEPLOYMENT_ROLE: the administrator of role 2 is 3, not 0",
    "alone",
  ],
  [
    "a role whose operations another one cancels",
    () => admin("setRoleGuardian", 3n, 2n).then(() => undefined),
    () => "ERR_DEPLOYMENT_ROLE: the guardian of role 3 is 2, not 0",
    "alone",
  ],
  [
    "a guardian that must wait",
    () => admin("grantRole", 2n, GUARDIAN, 60).then(() => undefined),
    () => "ERR_DEPLOYMENT_ROLE: the delay of guardian in role 2 is 60, not 0",
    "alone",
  ],
  [
    "a role that nobody gets in time",
    () => admin("setGrantDelay", 2n, 3_600).then(() => undefined),
    () => "ERR_DEPLOYMENT_ROLE: the delay of grants of role 2 is 3600, not 0",
    "alone",
  ],
  [
    "a contract whose functions nobody assigns in time",
    () => admin("setTargetAdminDelay", at("vault"), 3_600).then(() => undefined),
    () => "ERR_DEPLOYMENT_FUNCTION: the delay of changes to vault is 3600, not 0",
    "alone",
  ],
  [
    "a veto for the launcher",
    () =>
      admin("setTargetFunctionRole", at("settlement"), [toFunctionSelector("veto(uint64)")], 3n).then(
        () => undefined,
      ),
    () => "ERR_DEPLOYMENT_FUNCTION: the role of settlement.veto(uint64) is 3, not 2",
    "alone",
  ],
  [
    "an upgrade for the guardian",
    () => {
      const selector = toFunctionSelector("upgradeToAndCall(address,bytes)");
      return admin("setTargetFunctionRole", at("vault"), [selector], 2n).then(() => undefined);
    },
    () => "ERR_DEPLOYMENT_FUNCTION: the role of vault 0x4f1ef286 is 2, not 0",
    "alone",
  ],
  [
    "a contract that is closed",
    () => admin("setTargetClosed", at("auction"), true).then(() => undefined),
    () => "ERR_DEPLOYMENT_FUNCTION: closed: auction is true, not false",
    "alone",
  ],
  [
    "a second proposer",
    () => timelock("grantRole", PROPOSER, STRANGER).then(() => undefined),
    () => `ERR_DEPLOYMENT_TIMELOCK: ${STRANGER} holds PROPOSER_ROLE of the timelock`,
    "alone",
  ],
  [
    "a guardian that may cancel its own removal",
    () => timelock("grantRole", CANCELLER, GUARDIAN).then(() => undefined),
    () => "ERR_DEPLOYMENT_TIMELOCK: guardian holds CANCELLER_ROLE of the timelock",
    "alone",
  ],
  [
    "a timelock without a proposer",
    () => timelock("revokeRole", PROPOSER, at("governor")).then(() => undefined),
    () => "ERR_DEPLOYMENT_TIMELOCK: governor does not hold PROPOSER_ROLE of the timelock",
    "alone",
  ],
  [
    "a role of the timelock that nobody knows",
    () => timelock("grantRole", word(1n), STRANGER).then(() => undefined),
    () => `ERR_DEPLOYMENT_TIMELOCK: ${STRANGER} holds ${word(1n)} of the timelock`,
    "alone",
  ],
  [
    "a timelock without a delay",
    () => timelock("updateDelay", 0n).then(() => undefined),
    () => "ERR_DEPLOYMENT_TIMELOCK: the timelock has no delay",
    "alone",
  ],
  [
    "votes that are counted by blocks",
    () => replaceCode(at("votes")),
    () =>
      "ERR_DEPLOYMENT_GOVERNOR: governor.CLOCK_MODE() is mode=blocknumber&from=default, not mode=timestamp",
  ],
  [
    "a vote that takes no time",
    () => replaceCode(at("governor")),
    () => "ERR_DEPLOYMENT_GOVERNOR: governor.votingPeriod() is undefined",
  ],
  [
    "a vote without a quorum",
    () => replaceCode(at("governor")),
    () => "ERR_DEPLOYMENT_GOVERNOR: governor.quorumNumerator() is undefined",
  ],
  [
    "an AccessManager that does not answer",
    () => replaceCode(at("accessManager")),
    () => "ERR_DEPLOYMENT_ROLE: getRoleAdmin cannot be asked",
  ],
];

async function replaceCode(address: Hex): Promise<undefined> {
  const code = await l2.client.getCode({ address: l2.deployment.stable });
  await node().setCode({ address, bytecode: code ?? "0x" });
  return undefined;
}

async function store(address: Hex, index: Hex, value: Hex): Promise<undefined> {
  await node().setStorageAt({ address, index, value });
  return undefined;
}

describe("a deployment that is not as it should be is told", () => {
  for (const [what, breakIt, found, alone] of BROKEN) {
    test(what, async () => {
      const all = await problems((await breakIt()) ?? deployed);
      if (alone) assert.deepEqual(all, [found()]);
      else
        assert.ok(
          all.some((text) => text.endsWith(found())),
          all.join("\n"),
        );
    });
  }

  test("also where the L2 answers for three blocks at a time", async () => {
    await admin("grantRole", 0n, STRANGER, 0);
    const found = await verifyDeployment(l2.rpcUrl, deployed, 3n);
    const text = `${STRANGER} holds role 0 of the AccessManager`;
    assert.deepEqual(found, [{ code: "ERR_DEPLOYMENT_ROLE", text }]);
  });

  test("a deployer that kept a role, off a local network", () => {
    const world = new World(l2.rpcUrl, {
      ...renamed({ deployer: GUARDIAN, launcher: GUARDIAN }),
      chainId: 10,
    });
    checkDeployer(world, 31_337);
    assert.deepEqual(
      world.problems.map(({ code, text }) => `${code}: ${text}`),
      [
        "ERR_DEPLOYMENT_DEPLOYER: the deployer is the guardian",
        "ERR_DEPLOYMENT_DEPLOYER: the deployer is the launcher",
      ],
    );
  });
});
