import { keccak256, parseEther } from "viem";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { DeployParameters } from "#scripts/deploy/parameters.ts";
import type { Books } from "./books.ts";
import { BridgeLedger } from "./bridge-ledger.ts";
import type { Terms } from "./bridge-types.ts";
import { signerOf } from "./keys.ts";
import { at } from "./ledger.ts";
import { type Parameter, ParameterLedger } from "./parameter-ledger.ts";
import { RegistryLedger } from "./registry-ledger.ts";
import { SlashLedger } from "./slash-ledger.ts";
import { type Request, StakingLedger } from "./staking-ledger.ts";

const DAY = 86_400;
/** micro-USD that each client has */
export const MINTED = 10n ** 15n;
/** that each who may stake has */
export const STAKE_OF_OWNER: bigint = parseEther("1000000");
const THAW_PERIOD = 3_600;
const MAX_LOCK = 7_200;
export const TERMS: Terms = {
  activationDelay: 600,
  tolerance: 900,
  maxStable: 400_000_000n,
  maxFlk: parseEther("20000"),
  escapeDelay: 2 * DAY,
  exitWindow: DAY / 2,
  recoveryDelay: 4 * DAY,
  minDeposit: 10_000n,
  supply: parseEther("1000000000"),
  ceilingBps: 1_000n,
  startTime: 0,
};

/** Who owns the nodes that every walk begins with, from 1 on, and what is staked for them. Two have the least stake, one only to the whole FLK. */
export const OWNERS = [0, 1, 2, 2];
export const STAKED: bigint[] = ["1000", "999.5", "20000", "5000"].map((flk) => parseEther(flk));
/** Has an operator, the first of them. */
export const OPERATED_NODE = 4;
/** The third thaws a wei more in each of its requests, and has room for one more. */
export const THAWING_NODE = 3;
export const THAWING: bigint[] = Array.from({ length: 31 }, (_, i) => parseEther("100") + BigInt(i));

/** What a network that runs is deployed with. */
export function deployed(): Partial<DeployParameters> {
  return {
    activationDelay: BigInt(TERMS.activationDelay),
    closeTimeTolerance: BigInt(TERMS.tolerance),
    maxStablePayout: TERMS.maxStable,
    maxFlkPayout: TERMS.maxFlk,
    escapeDelay: BigInt(TERMS.escapeDelay),
    exitWindow: BigInt(TERMS.exitWindow),
    recoveryDelay: BigInt(TERMS.recoveryDelay),
    thawPeriod: BigInt(THAW_PERIOD),
    maxLock: BigInt(MAX_LOCK),
    evidenceWindow: 60n,
    flkCeilingBps: TERMS.ceilingBps,
    minBalance: TERMS.minDeposit,
    refundPool: 0n,
  };
}

/** Where every walk begins. */
export interface Start {
  digest: Uint8Array;
  now: number;
  block: number;
  parameters: Parameter[];
  requests: Request[];
}

export function openBooks(
  start: Start,
  accounts: { networkId: Uint8Array; clients: Hex[]; owners: Hex[]; operators: Hex[] },
): Books {
  const { networkId } = accounts;
  const clients = accounts.clients.map((client) => fromHex(client));
  const terms = { ...TERMS, startTime: start.now * 1000 };
  const bridge = new BridgeLedger(terms, { ...start, accounts: clients, networkId });
  const delays = { activation: TERMS.activationDelay, escape: TERMS.escapeDelay };
  const parameters = new ParameterLedger(start.parameters, delays);

  const registry = new RegistryLedger();
  const stakers = [...accounts.owners, ...accounts.operators];
  const unstaked = new Map(stakers.map((staker) => [staker, STAKE_OF_OWNER]));
  const staking = new StakingLedger(registry, unstaked);
  for (const [i, index] of OWNERS.entries()) {
    const signer = signerOf(i + 1, 0);
    const owner = at(accounts.owners, index);
    registry.register(owner, { signer, valid: true }, keccak256(toHex(signer.publicKey)), "", 0);
    staking.add();
    staking.stake(i + 1, owner, at(STAKED, i), 0);
  }
  registry.setOperator(OPERATED_NODE, registry.get(OPERATED_NODE).owner, at(accounts.operators, 0));
  const thawing = staking.get(THAWING_NODE);
  thawing.requests = structuredClone(start.requests);
  thawing.nextId = thawing.requests.length;
  thawing.staked -= staking.thawing(THAWING_NODE);
  const slasher = new SlashLedger(staking, bridge.epochs, bridge.certified);
  return { bridge, registry, staking, slasher, parameters };
}
