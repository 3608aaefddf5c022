import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Abi,
  type AbiFunction,
  BaseError,
  concat,
  isHex,
  parseAbi,
  RawContractError,
  toFunctionSelector,
} from "viem";
import { accessManagerAbi } from "#protocol/abi/AccessManager.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { flkGovernorAbi } from "#protocol/abi/FlkGovernor.ts";
import { flkTimelockAbi } from "#protocol/abi/FlkTimelock.ts";
import { flkVotesAbi } from "#protocol/abi/FlkVotes.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { slasherAbi } from "#protocol/abi/Slasher.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { startTestL2, type TestL2 } from "./support/l2.ts";

const MANAGER = parseAbi([
  "function canCall(address caller, address target, bytes4 selector) view returns (bool, uint32)",
]);
const GUARDIAN: Hex = "0x00000000000000000000000000000000000a0001";
const LAUNCHER: Hex = "0x00000000000000000000000000000000000a0002";
const STRANGER: Hex = "0x00000000000000000000000000000000000a11ce";
const CONTRACTS = {
  accessManager: accessManagerAbi,
  flk: flkAbi,
  parameters: protocolParametersAbi,
  services: serviceRegistryAbi,
  staking: nodeStakingAbi,
  slasher: slasherAbi,
  vault: clientVaultAbi,
  settlement: epochSettlementAbi,
  auction: buybackAuctionAbi,
  votes: flkVotesAbi,
  governor: flkGovernorAbi,
  timelock: flkTimelockAbi,
} as const;
const PROXIED = [
  "parameters",
  "services",
  "staking",
  "slasher",
  "vault",
  "settlement",
  "auction",
  "votes",
] as const;

/** Whom a function obeys, and how it refuses everybody else. */
const REFUSALS = {
  /** of the AccessManager, by role */
  governance: "AccessManagedUnauthorized(address)",
  guardian: "AccessManagedUnauthorized(address)",
  launcher: "AccessManagedUnauthorized(address)",
  /** of the AccessManager itself */
  administrator: "AccessManagerUnauthorizedAccount(address,uint64)",
  /** contracts that the code names */
  settlement: "NotMinter(address)",
  slasher: "NotSlasher(address)",
  staking: "NotStaking(address)",
  /** of the governor and the timelock themselves */
  timelock: "GovernorOnlyExecutor(address)",
  governor: "AccessControlUnauthorizedAccount(address,bytes32)",
  timelockItself: "TimelockUnauthorizedCaller(address)",
} as const;
type Ruler = keyof typeof REFUSALS;

const RULED: Partial<Record<Ruler, Record<string, string>>> = {
  launcher: { settlement: "start" },
  guardian: { settlement: "veto", vault: "pauseFor", staking: "pauseFor", auction: "pauseFor" },
  governance: {
    parameters:
      "setBuyback setCommitteeSize setEligibilityEpochs setEpochLength setEvidenceWindow setFlkPrice setKappa setL2Stride " +
      "setMaxBoost setMaxInflation setMaxLock setMaxPrice setMaxSlashPerEpoch setMinBalance setMinStake setShares " +
      "setSlashing setThawPeriod setTreasury",
    services: "registerFor",
    staking: "unpause",
    slasher: "releaseSlashList voidSlashList",
    vault: "setMinDeposit unpause",
    settlement: "release restart recover setLimits setDelays withdrawRefunds",
    auction: "setTerms unpause",
    votes: "",
  },
  administrator: {
    accessManager:
      "grantRole labelRole revokeRole setGrantDelay setRoleAdmin setRoleGuardian setTargetAdminDelay setTargetClosed " +
      "setTargetFunctionRole updateAuthority",
  },
  settlement: { flk: "mint openAccrual" },
  slasher: { staking: "slash" },
  staking: { votes: "transferUnits" },
  timelock: {
    governor:
      "relay setLateQuorumVoteExtension setProposalThreshold setVotingDelay setVotingPeriod updateQuorumNumerator " +
      "updateTimelock",
  },
  governor: { timelock: "cancel schedule scheduleBatch grantRole revokeRole" },
  timelockItself: { timelock: "updateDelay" },
};
/** How the authority itself, and the code, are replaced: of every contract behind a proxy. */
const REPLACED = "setAuthority upgradeToAndCall";

/** For everybody, or for whom the contract's own books say: owners, bidders, voters. `initialize` works once, and did. */
const OPEN: Record<keyof typeof CONTRACTS, string> = {
  accessManager: "cancel consumeScheduledOp execute multicall renounceRole schedule",
  flk:
    "approve burn burnFrom cancelAuthorization delegate delegateBySig permit receiveWithAuthorization recordSupply transfer " +
    "transferFrom transferWithAuthorization",
  parameters: "initialize",
  services: "acceptService initialize offerService setMetadata setPrice",
  staking:
    "cancelUnstake initialize lock register registerWithStake requestUnstake rotateKeys rotateNetworkKey setEndpoints " +
    "setOperator setParticipation setPayee stake stakeWithPermit withdraw withdrawMatured",
  slasher: "initialize slashEquivocation slashListed",
  vault: "deposit depositWithAuthorization depositWithPermit escape escapeUnseen initialize requestWithdraw",
  settlement: "activate challengeCommittee claim claimMany freeze initialize setPayee settle",
  auction: "bid burnDonations close initialize open",
  votes: "delegate delegateBySig initialize",
  governor:
    "cancel castVote castVoteBySig castVoteWithReason castVoteWithReasonAndParams castVoteWithReasonAndParamsBySig execute " +
    "onERC1155BatchReceived onERC1155Received onERC721Received propose queue",
  timelock: "execute executeBatch onERC1155BatchReceived onERC1155Received onERC721Received renounceRole",
};

interface Action {
  /** contract.function; overloads have one name */
  name: string;
  target: Hex;
  selector: Hex;
}

let l2: TestL2;
before(async () => {
  l2 = await startTestL2({ guardian: GUARDIAN, launcher: LAUNCHER });
});
after(() => l2?.stop());

/** Every function of every contract that changes state. */
function actions(): Action[] {
  return Object.entries(CONTRACTS).flatMap(([contract, abi]) =>
    (abi as Abi)
      .filter((entry): entry is AbiFunction => entry.type === "function")
      .filter(({ stateMutability }) => stateMutability === "nonpayable" || stateMutability === "payable")
      .map((entry) => ({
        name: `${contract}.${entry.name}`,
        target: l2.deployment[contract as keyof typeof CONTRACTS],
        selector: toFunctionSelector(entry),
      })),
  );
}

const listed = (contract: string, functions: string): string[] =>
  functions
    .split(" ")
    .filter(Boolean)
    .map((name) => `${contract}.${name}`);

/** Names of the functions that obey `ruler`. */
function ruledBy(ruler: Ruler): string[] {
  const own = Object.entries(RULED[ruler] ?? {}).flatMap(([contract, names]) => listed(contract, names));
  const replaced = PROXIED.flatMap((contract) => listed(contract, REPLACED));
  return (ruler === "governance" ? [...own, ...replaced] : own).sort();
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

/** The error's selector that a stranger's call of `action` ends with; undefined when it does not revert. */
async function refusal({ target, selector }: Action): Promise<Hex | undefined> {
  const data = concat([selector, `0x${"00".repeat(1024)}`]);
  try {
    await l2.client.call({ account: STRANGER, to: target, data });
    return undefined;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const raw = error.walk((cause) => cause instanceof RawContractError || "data" in (cause as object));
    const reason = raw && "data" in raw ? raw.data : undefined;
    const bytes = typeof reason === "object" ? (reason as { data?: unknown }).data : reason;
    return isHex(bytes) ? (bytes.slice(0, 10) as Hex) : "0x";
  }
}

test("every function is for everybody or for one who is named here", () => {
  const ruled = (Object.keys(REFUSALS) as Ruler[]).flatMap(ruledBy);
  const open = Object.entries(OPEN).flatMap(([contract, names]) => listed(contract, names));
  assert.deepEqual(
    ruled.filter((name) => open.includes(name)),
    [],
  );
  const there = [...new Set(actions().map(({ name }) => name))].sort();
  assert.deepEqual([...ruled, ...open].sort(), there);
});

test("guardian and launcher may do what their roles say, the timelock everything that is governed, others nothing", async () => {
  assert.deepEqual(await allowed(GUARDIAN), ruledBy("guardian"));
  assert.deepEqual(await allowed(LAUNCHER), ruledBy("launcher"));
  const { deployer, governor, accessManager, settlement, staking } = l2.deployment;
  for (const nobody of [STRANGER, deployer, governor, accessManager, settlement, staking]) {
    assert.deepEqual(await allowed(nobody), []);
  }
  const governed = new Set(await allowed(l2.deployment.timelock));
  for (const name of ruledBy("governance")) assert.ok(governed.has(name), `governance may not ${name}`);
  for (const name of [...ruledBy("guardian"), ...ruledBy("launcher")]) {
    assert.ok(!governed.has(name), `governance may ${name}`);
  }
});

test("exactly these functions refuse a stranger, each by the error of whom it obeys", async () => {
  const errors = new Set(Object.values(REFUSALS).map((signature) => toFunctionSelector(signature)));
  const refused = await Promise.all(
    actions().map(async (action): Promise<[string, Hex] | undefined> => {
      const error = await refusal(action);
      return error && errors.has(error) ? [action.name, error] : undefined;
    }),
  );
  const found = Object.fromEntries(refused.filter((entry) => entry !== undefined));
  const expected = (Object.keys(REFUSALS) as Ruler[]).flatMap((ruler) =>
    ruledBy(ruler).map((name) => [name, toFunctionSelector(REFUSALS[ruler])]),
  );
  assert.deepEqual(found, Object.fromEntries(expected));
});

test("nothing can be initialised again: no proxy, no implementation, and not the settlement's second part", async () => {
  const { deployment, client } = l2;
  const part = await client.readContract({
    address: deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "control",
  });
  const initializers = actions().filter(({ name }) => name.endsWith(".initialize"));
  assert.equal(initializers.length, PROXIED.length);
  for (const { name, target, selector } of initializers) {
    const contract = PROXIED.find((proxied) => name === `${proxied}.initialize`);
    assert.ok(contract);
    const others = contract === "settlement" ? [part] : [];
    for (const address of [target, deployment.implementations[contract], ...others]) {
      const error = await refusal({ name, target: address, selector });
      assert.equal(error, toFunctionSelector("InvalidInitialization()"), `${name} at ${address}`);
    }
  }
});
