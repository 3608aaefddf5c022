import { ed25519Signer, sha256 } from "#crypto";
import type { Genesis, L2Reader } from "#node/interface/l2.ts";
import { networkContext } from "#protocol/digests/network.ts";
import { committeeHash, genesisDigest } from "#protocol/digests/settlement.ts";
import type { ParameterKey } from "#protocol/params/keys.ts";
import { SERVICE_CDN } from "#protocol/types/ack.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { benchCommittee, consensusSigner, networkSeed } from "./committee.ts";
import { FLK, PARAMETERS } from "./parameters.ts";

export const CONTEXT = networkContext(31337, "0x00000000000000000000000000000000000000be");
/** micro-USD of every client */
const DEPOSIT = 1_000_000_000n;
/** micro-USD per 10^9 bytes: every KiB costs something */
const PRICE = 1_000_000_000n;
const OWNER = new Uint8Array(20).fill(0xee);

export interface StandingL2Options {
  /** multiaddr of each node, from node 1 on */
  endpoints: readonly string[];
  accounts: readonly Uint8Array[];
  /** Unix ms */
  startTime: number;
}

/** A network whose L2 stands still after its start: nodes with a stake, and clients with a balance each. */
export function standingL2({ endpoints, accounts, startTime }: StandingL2Options): L2Reader {
  const nodes = endpoints.length;
  const committee = { ...benchCommittee(nodes), epoch: 0 };
  const checkpoint = { number: 1, hash: sha256(Uint8Array.of(1)) };
  const digest = genesisDigest(CONTEXT.networkId, committeeHash(committee), startTime, checkpoint.number);
  const genesis: Genesis = { committee, startTime, checkpoint, flkSupply: 100_000_000n * FLK, digest };
  return {
    genesis: async () => genesis,
    finalized: () => checkpoint,
    checkpoints: () => [],
    events: async () => eventsOf(endpoints, accounts),
  };
}

function eventsOf(endpoints: readonly string[], accounts: readonly Uint8Array[]): L2Event[] {
  const events: L2Event[] = [];
  for (const [key, value] of Object.entries(PARAMETERS) as [ParameterKey, bigint][]) {
    events.push({ type: "parameterSet", key, value });
  }
  events.push({ type: "serviceRegistered", serviceId: SERVICE_CDN, owner: OWNER });
  events.push({ type: "priceSet", serviceId: SERVICE_CDN, commodity: 0, price: PRICE });
  for (const [at, endpoint] of endpoints.entries()) {
    const nodeId = at + 1;
    events.push({
      type: "nodeRegistered",
      nodeId,
      owner: OWNER,
      keyVersion: 0,
      consensusKey: consensusSigner(nodeId).publicKey,
      networkKey: ed25519Signer(networkSeed(nodeId)).publicKey,
      endpoints: endpoint,
    });
    events.push({ type: "stakeChanged", nodeId, staked: 1000n * FLK, thawing: 0n });
  }
  for (const account of accounts) {
    events.push({ type: "deposit", account, amount: DEPOSIT, total: DEPOSIT });
  }
  return events;
}
