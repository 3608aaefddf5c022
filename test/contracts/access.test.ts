import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  type Abi,
  type AbiFunction,
  BaseError,
  concat,
  isHex,
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
  /** the AccessManager alone, whatever roles say */
  authority: "AccessManagedUnauthorized(address)",
  /** of the AccessManager itself */
  administrator: "AccessManagerUnauthorizedAccount(address,uint64)",
  /** contracts that the code names */
  settlement: "NotMinter(address)",
  slasher: "NotSlasher(address)",
  staking: "NotStaking(address)",
  /** of the governor and the timelock themselves */
  timelock: "GovernorOnlyExecutor(address)",
  governor: "AccessControlUnauthorizedAccount(address,bytes32)",
  timelockAdministrator: "AccessControlUnauthorizedAccount(address,bytes32)",
  timelockItself: "TimelockUnauthorizedCaller(address)",
} as const;
type Ruler = keyof typeof REFUSALS;

/** Who each of them is in the deployment. */
const WHO: Record<Ruler, keyof TestL2["deployment"]> = {
  governance: "timelock",
  guardian: "guardian",
  launcher: "launcher",
  authority: "accessManager",
  administrator: "timelock",
  settlement: "settlement",
  slasher: "slasher",
  staking: "staking",
  timelock: "timelock",
  governor: "governor",
  timelockAdministrator: "timelock",
  timelockItself: "timelock",
};

const RULED: Partial<Record<Ruler, Record<string, string>>> = {
  launcher: { settlement: "start" },
  guardian: { settlement: "veto", vault: "pauseFor", staking: "pauseFor", auction: "pauseFor" },
  governance: {
    parameters:
      "setBuyback setCommitteeSize setEligibilityEpochs setEpochLength setEvidenceWindow setFloors setKappa setL2Stride " +
      "setMaxBoost setMaxInflation setMaxLock setMaxPrice setMaxSlashPerEpoch setMinBalance setMinStake " +
      "setReputation setShares setSlashing setThawPeriod setTreasury",
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
  governor: { timelock: "cancel schedule scheduleBatch" },
  timelockAdministrator: { timelock: "grantRole revokeRole" },
  timelockItself: { timelock: "updateDelay" },
};
/** How the authority itself, and the code, are replaced: of every contract behind a proxy. */
const REPLACED: Partial<Record<Ruler, string>> = {
  authority: "setAuthority",
  governance: "upgradeToAndCall",
};

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
  const replaced = PROXIED.flatMap((contract) => listed(contract, REPLACED[ruler] ?? ""));
  return [...own, ...replaced].sort();
}

const RULERS = Object.keys(REFUSALS) as Ruler[];
const refusals = new Set<Hex | undefined>(Object.values(REFUSALS).map((error) => toFunctionSelector(error)));
/** What a call ends with that a role allows, but only after a delay. */
const DELAYED = toFunctionSelector("AccessManagerNotScheduled(bytes32)");

/** Names of the functions with a ruler that do not refuse `caller`: found by calling them. */
async function allowed(caller: Hex): Promise<string[]> {
  const ruled = new Set(RULERS.flatMap(ruledBy));
  const answers = await Promise.all(
    actions()
      .filter(({ name }) => ruled.has(name))
      .map(async (action) => {
        const error = await refusal(action, caller);
        assert.notEqual(error, DELAYED, `${action.name} has a delay`);
        return refusals.has(error) ? [] : [action.name];
      }),
  );
  return answers.flat().sort();
}

/** The error's selector that a call of `action` ends with; undefined when it does not revert. */
async function refusal({ target, selector }: Action, account = STRANGER): Promise<Hex | undefined> {
  const data = concat([selector, `0x${"00".repeat(1024)}`]);
  try {
    await l2.client.call({ account, to: target, data });
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
  const ruled = RULERS.flatMap(ruledBy);
  const open = Object.entries(OPEN).flatMap(([contract, names]) => listed(contract, names));
  assert.deepEqual(
    ruled.filter((name) => open.includes(name)),
    [],
  );
  const there = [...new Set(actions().map(({ name }) => name))].sort();
  assert.deepEqual([...ruled, ...open].sort(), there);
});

test("every account of the deployment may do what is said of it here, and nothing else", async () => {
  const { chainId: _, networkId: __, fromBlock: ___, implementations, ...named } = l2.deployment;
  const accounts: [string, Hex][] = [
    ...Object.entries(named),
    ...Object.entries(implementations).map(([name, at]): [string, Hex] => [`${name}'s implementation`, at]),
    ["a stranger", STRANGER],
  ];
  for (const [name, account] of accounts) {
    const expected = RULERS.filter((ruler) => WHO[ruler] === name).flatMap(ruledBy);
    assert.deepEqual(await allowed(account), expected.sort(), name);
  }
});

test("exactly these functions refuse a stranger, each by the error of whom it obeys", async () => {
  const refused = await Promise.all(
    actions().map(async (action): Promise<[string, Hex] | undefined> => {
      const error = await refusal(action);
      return error && refusals.has(error) ? [action.name, error] : undefined;
    }),
  );
  const found = Object.fromEntries(refused.filter((entry) => entry !== undefined));
  const expected = RULERS.flatMap((ruler) =>
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
