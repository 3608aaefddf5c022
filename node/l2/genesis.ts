import type { Genesis } from "#node/interface/l2.ts";
import { committeeHash, genesisDigest } from "#protocol/digests/settlement.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Committee, CommitteeMember } from "#protocol/types/committee.ts";
import type { L2Event } from "#protocol/types/l2-events.ts";
import { l2Error } from "./errors.ts";
import type { StartedLog } from "./parse-logs.ts";

const MEMBER_BYTES = 16;

/** Joins the start with the keys of the registrations before it, and checks both digests. @throws ERR_L2_GENESIS */
export function buildGenesis(
  networkId: Uint8Array,
  started: StartedLog,
  registrations: readonly L2Event[],
): Genesis {
  const keys = new Map<string, Uint8Array>();
  for (const event of registrations) {
    if (event.type === "nodeRegistered") keys.set(`${event.nodeId}/${event.keyVersion}`, event.consensusKey);
  }
  const committee: Committee = { epoch: started.epoch, members: parseMembers(started.members, keys) };
  if (!equalBytes(committeeHash(committee), started.committeeHash)) {
    throw l2Error("ERR_L2_GENESIS", "the genesis committee does not hash to what the L2 says");
  }
  const digest = genesisDigest(networkId, started.committeeHash, started.startTime, started.l2Number);
  if (!equalBytes(digest, started.digest)) {
    throw l2Error("ERR_L2_GENESIS", "the genesis digest is of another network or start");
  }
  const { startTime, checkpoint, flkSupply } = started;
  return { committee, startTime, checkpoint, flkSupply, digest };
}

function parseMembers(packed: Uint8Array, keys: ReadonlyMap<string, Uint8Array>): CommitteeMember[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const members: CommitteeMember[] = [];
  for (let at = 0; at + MEMBER_BYTES <= packed.length; at += MEMBER_BYTES) {
    const nodeId = view.getUint32(at);
    const keyVersion = view.getUint32(at + 4);
    const consensusKey = keys.get(`${nodeId}/${keyVersion}`);
    if (!consensusKey) {
      const message = `no registration of node ${nodeId} with key ${keyVersion}`;
      throw l2Error("ERR_L2_GENESIS", `${message}: does reading begin after it?`, {
        nodeId,
        keyVersion,
      });
    }
    members.push({ nodeId, keyVersion, power: Number(view.getBigUint64(at + 8)), consensusKey });
  }
  return members;
}
