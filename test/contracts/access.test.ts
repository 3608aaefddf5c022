import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Abi,
  type AbiFunction,
  BaseError,
  concat,
  parseAbi,
  RawContractError,
  toFunctionSelector,
  toFunctionSignature,
} from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { startTestL2, type TestL2 } from "./support/l2.ts";

const MANAGER = parseAbi([
  "function canCall(address caller, address target, bytes4 selector) view returns (bool, uint32)",
  "function hasRole(uint64 role, address account) view returns (bool, uint32)",
  "function getRoleAdmin(uint64 role) view returns (uint64)",
]);
const UNAUTHORIZED = toFunctionSelector("AccessManagedUnauthorized(address)");
const STRANGER: Hex = "0x00000000000000000000000000000000000a11ce";
const CONTRACTS = {
  flk: flkAbi,
  parameters: protocolParametersAbi,
  services: serviceRegistryAbi,
  staking: nodeStakingAbi,
  vault: clientVaultAbi,
  settlement: epochSettlementAbi,
} as const;
/** Everything that is not for everybody, and whose it is. */
const RESTRICTED: Record<string, "settlement" | "governance"> = {
  "flk.openAccrual(uint64)": "settlement",
  "flk.mint(address,uint256,uint64)": "settlement",
  "vault.payOut(address,uint256)": "settlement",
  "vault.setMinDeposit(uint256)": "governance",
  "parameters.set(bytes32,uint256)": "governance",
  "parameters.setShares(uint256,uint256,uint256,uint256)": "governance",
  "services.registerFor(address,string,uint64[])": "governance",
  "staking.bindSettlement(address)": "governance",
  "settlement.start((uint64,bytes,bytes),uint64)": "governance",
  // the hook by which the authority itself is replaced: it answers to the authority only
  ...Object.fromEntries(
    Object.keys(CONTRACTS).map((name) => [`${name}.setAuthority(address)`, "governance"]),
  ),
};

interface Action {
  name: string;
  target: Hex;
  selector: Hex;
}

let l2: TestL2;
before(async () => {
  l2 = await startTestL2();
});
after(() => l2?.stop());

/** Every function of every contract that changes state. */
function actions(): Action[] {
  return Object.entries(CONTRACTS).flatMap(([contract, abi]) =>
    (abi as Abi)
      .filter((entry): entry is AbiFunction => entry.type === "function")
      .filter(({ stateMutability }) => stateMutability === "nonpayable" || stateMutability === "payable")
      .map((entry) => ({
        name: `${contract}.${toFunctionSignature(entry)}`,
        target: l2.deployment[contract as keyof typeof CONTRACTS],
        selector: toFunctionSelector(entry),
      })),
  );
}

/** Names of the actions that the authority lets `caller` do at once. */
async function allowed(caller: Hex): Promise<string[]> {
  const answers = await Promise.all(
    actions().map(async ({ name, target, selector }) => {
      const [immediate, delay] = await l2.client.readContract({
        address: l2.deployment.accessManager,
        abi: MANAGER,
        functionName: "canCall",
        args: [caller, target, selector],
      });
      assert.equal(delay, 0, `${name} has a delay`);
      return immediate ? [name] : [];
    }),
  );
  return answers.flat().sort();
}

/** True when a call of `action` by a stranger ends with the refusal of the authority. */
async function refusesStrangers({ target, selector }: Action): Promise<boolean> {
  const data = concat([selector, `0x${"00".repeat(1024)}`]);
  try {
    await l2.client.call({ account: STRANGER, to: target, data });
    return false;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const raw = error.walk((cause) => cause instanceof RawContractError || "data" in (cause as object));
    return JSON.stringify(raw && "data" in raw ? raw.data : "").includes(UNAUTHORIZED);
  }
}

test("only the settlement opens the accrual, mints and pays out; governance has no such right of its own", async () => {
  const owned = (who: string) =>
    Object.keys(RESTRICTED)
      .filter((name) => RESTRICTED[name] === who)
      .sort();
  const { settlement, governance } = l2.deployment;
  assert.deepEqual(await allowed(settlement), owned("settlement"));
  assert.deepEqual(await allowed(STRANGER), []);
  const governed = new Set(await allowed(governance));
  for (const name of owned("governance")) assert.ok(governed.has(name), `governance may not ${name}`);
  for (const name of owned("settlement")) assert.ok(!governed.has(name), `governance may ${name}`);
});

test("no contract but the settlement holds its role, and only the administrator grants it", async () => {
  const manager = { address: l2.deployment.accessManager, abi: MANAGER } as const;
  for (const [name, who] of Object.entries(l2.deployment)) {
    if (typeof who !== "string" || who.length !== 42) continue;
    const args = [1n, who as Hex] as const;
    const [held] = await l2.client.readContract({ ...manager, functionName: "hasRole", args });
    assert.equal(held, name === "settlement", name);
  }
  const admin = await l2.client.readContract({ ...manager, functionName: "getRoleAdmin", args: [1n] });
  assert.equal(admin, 0n);
});

test("exactly these functions refuse a stranger's call by the word of the authority", async () => {
  const refusing = await Promise.all(
    actions().map(async (action) => ((await refusesStrangers(action)) ? [action.name] : [])),
  );
  assert.deepEqual(refusing.flat().sort(), Object.keys(RESTRICTED).sort());
});
