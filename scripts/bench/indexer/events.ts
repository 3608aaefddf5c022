import { type Abi, type AbiEvent, encodeAbiParameters, encodeEventTopics, stringToHex } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { protocolParametersAbi } from "#protocol/abi/ProtocolParameters.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { committeeHash, genesisDigest, toL2Committee } from "#protocol/digests/settlement.ts";
import { PARAMETER_KEYS } from "#protocol/params/keys.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import { benchCommittee, consensusSigner } from "../support/committee.ts";
import { FLK } from "../support/parameters.ts";
import type { Rng } from "../support/rng.ts";
import type { RawLog } from "./emitter.ts";

const address = (byte: number): Hex => `0x${byte.toString(16).padStart(2, "0").repeat(20)}`;

/** Where the contracts of the bench's L2 are. */
export const CONTRACTS = {
  settlement: address(0xa1),
  staking: address(0xa2),
  vault: address(0xa3),
  parameters: address(0xa4),
  services: address(0xa5),
  flk: address(0xa6),
  stable: address(0xa7),
};
export const CHAIN_ID = 31_337;

const ABIS = {
  settlement: epochSettlementAbi,
  staking: nodeStakingAbi,
  vault: clientVaultAbi,
  parameters: protocolParametersAbi,
  services: serviceRegistryAbi,
} satisfies Record<string, Abi>;
export type Emitting = keyof typeof ABIS;

export interface EmittedLog extends RawLog {
  contract: Emitting;
}

const MEMBERS = 4;
const NODES = 100;
const SERVICES = 10;
const START_TIME = 1_700_000_000_000;

function log(contract: Emitting, eventName: string, args: Record<string, unknown>): EmittedLog {
  const abi: Abi = ABIS[contract];
  const item = abi.find((entry): entry is AbiEvent => entry.type === "event" && entry.name === eventName);
  if (!item) throw new Error(`no event ${eventName}`);
  const plain = item.inputs.filter((input) => !input.indexed);
  const values = plain.map((input) => args[input.name ?? ""]);
  const topics = encodeEventTopics({ abi: [item], eventName, args }) as Hex[];
  return { contract, topics, data: encodeAbiParameters(plain, values) };
}

function registered(nodeId: number): EmittedLog {
  return log("staking", "NodeRegistered", {
    nodeId,
    owner: account(nodeId),
    keyVersion: 0,
    key: toHex(g1ToEip2537(consensusSigner(nodeId).publicKey)),
    networkKey: toHex(new Uint8Array(32).fill(nodeId)),
    endpoints: `/ip4/10.0.0.${nodeId}/tcp/4200`,
  });
}

/** What every network begins with: nodes, services, and a start whose committee nobody follows. */
export function openingLogs(): EmittedLog[] {
  const committee = { ...benchCommittee(MEMBERS), epoch: 0 };
  const { networkId } = networkContext(CHAIN_ID, CONTRACTS.settlement);
  const hash = committeeHash(committee);
  return [
    ...Array.from({ length: NODES }, (_, i) => registered(i + 1)),
    ...Array.from({ length: SERVICES }, (_, serviceId) =>
      log("services", "ServiceRegistered", {
        serviceId,
        owner: account(serviceId),
        metadataUri: "ipfs://cdn",
      }),
    ),
    log("settlement", "Started", {
      committee: toL2Committee(committee),
      committeeHash: toHex(hash),
      startTime: BigInt(START_TIME),
      l2Number: 1n,
      genesisDigest: toHex(genesisDigest(networkId, hash, START_TIME, 1)),
      flkSupply: 10n ** 27n,
    }),
  ];
}

function account(index: number): Hex {
  return `0x${(index + 1).toString(16).padStart(8, "0").repeat(5)}`;
}

/** Events of a network in use: two fifths deposits, the rest claims, stake, prices, parameters and texts. */
export class EventMix {
  readonly #rng: Rng;
  readonly #accounts: number;
  readonly #deposits = new Map<Hex, bigint>();
  readonly #claims = new Map<Hex, bigint>();

  constructor(rng: Rng, accounts: number) {
    this.#rng = rng;
    this.#accounts = accounts;
  }

  next(): EmittedLog {
    const draw = this.#rng.below(100);
    if (draw < 40) return this.#deposited();
    if (draw < 60) return this.#claimed();
    const nodeId = this.#rng.int(1, NODES);
    const amount = BigInt(this.#rng.int(1, 1_000_000)) * FLK;
    if (draw < 75) return log("staking", "StakeChanged", { nodeId, staked: amount, thawing: amount / 3n });
    if (draw < 76) {
      return log("staking", "Slashed", { nodeId, amount, reporter: this.#account(), reward: amount / 10n });
    }
    if (draw < 85) {
      return log("staking", "StakeLocked", { nodeId, lockedUntil: BigInt(this.#rng.int(1, 2 ** 31 - 1)) });
    }
    if (draw < 90) {
      const endpoints = `/ip4/10.0.${this.#rng.below(256)}.${nodeId}/tcp/4200`;
      return log("staking", "EndpointsSet", { nodeId, endpoints });
    }
    if (draw < 95) {
      const given = { serviceId: this.#rng.below(SERVICES), commodity: this.#rng.below(2) };
      return log("services", "PriceSet", { ...given, price: BigInt(this.#rng.int(1, 10 ** 9)) });
    }
    const key = stringToHex(PARAMETER_KEYS[this.#rng.below(10)] as string, { size: 32 });
    return log("parameters", "ParameterSet", { key, value: BigInt(this.#rng.int(1, 10 ** 9)) });
  }

  #account(): Hex {
    return account(this.#rng.below(this.#accounts));
  }

  #deposited(): EmittedLog {
    const to = this.#account();
    const amount = BigInt(this.#rng.int(1, 10 ** 9));
    const total = (this.#deposits.get(to) ?? 0n) + amount;
    this.#deposits.set(to, total);
    return log("vault", "Deposited", { account: to, from: this.#account(), amount, total });
  }

  #claimed(): EmittedLog {
    const to = this.#account();
    const paid = BigInt(this.#rng.int(1, 10 ** 9));
    const total = (this.#claims.get(to) ?? 0n) + paid;
    this.#claims.set(to, total);
    return log("settlement", "Claimed", {
      account: to,
      payee: this.#account(),
      stablePaid: paid,
      flkPaid: paid * 10n ** 12n,
      cumulativeStable: total,
      cumulativeFlk: total * 10n ** 12n,
    });
  }
}
