import type { Genesis } from "#node/interface/l2.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { committeeHash, genesisDigest } from "#protocol/digests/settlement.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { type NodeKeys, seedOf } from "#test/node/transition/support/keys.ts";
import { FLK, START, World } from "#test/node/transition/support/world.ts";

/** A network as the L2 started it, with one node more than seats, so that every epoch changes a member. */
export interface SimWorld {
  context: NetworkContext;
  genesis: Genesis;
  events: L2Event[];
  keys: NodeKeys[];
}

/** Keys and events are the same for every seed of a size: making them costs more than a short run. */
const worlds = new Map<string, World>();

function worldOf(seats: number, epochMs: number): World {
  const id = `${seats}/${epochMs}`;
  const known = worlds.get(id);
  if (known) return known;
  const parameters = { epochLengthMs: BigInt(epochMs), committeeSize: BigInt(seats) };
  const made = new World({ nodes: seats + 1, parameters });
  worlds.set(id, made);
  return made;
}

/** `seed` moves the start of the network, and with it the schedule of leaders and every draw. */
export function simWorld(seed: number, seats: number, epochMs: number): SimWorld {
  const world = worldOf(seats, epochMs);
  const committee: Committee = {
    epoch: 0,
    members: world.nodes.slice(0, seats).map(({ nodeId, consensus }) => ({
      nodeId,
      keyVersion: 0,
      power: 1,
      consensusKey: consensus.publicKey,
    })),
  };
  const startTime = START + 1000 * seed;
  const checkpoint = { number: 100, hash: seedOf("l2 100") };
  const { networkId } = world.network;
  const digest = genesisDigest(networkId, committeeHash(committee), startTime, checkpoint.number);
  const genesis = { committee, startTime, checkpoint, flkSupply: 100_000_000n * FLK, digest };
  return { context: world.network, genesis, events: world.events, keys: world.nodes };
}
