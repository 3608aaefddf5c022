import type { NetworkContext } from "#protocol/digests/network.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { applyBlocks, type VerifiedBlock } from "../handlers/block.ts";
import { committeeOf, type FollowedEpoch, openGenesis, openNextEpoch, readEpoch } from "../handlers/epoch.ts";
import { type Cursor, readCursor } from "../store/cursor.ts";
import type { Database, Writer } from "../store/database.ts";
import { assertCertifiedBlock, assertNextCommittee, assertSettlementCertificate } from "./certificate.ts";
import type { NodeClient } from "./node-client.ts";

/** Blocks per transaction, and requests in flight. */
const BATCH = 64;

export interface NodeFollower {
  step(signal: AbortSignal): Promise<"more" | "idle">;
  /** height of the node's newest block as last heard */
  head(): number;
}

/**
 * Follows the protocol chain through one node that it does not trust: every block must carry the certificate of the
 * committee that the L2 start and the settlement certificates since then lead to.
 */
export function createNodeFollower(options: {
  network: NetworkContext;
  db: Database;
  write: Writer["write"];
  client: NodeClient;
}): NodeFollower {
  const { network, db, write, client } = options;
  let head = -1;

  async function step(signal: AbortSignal): Promise<"more" | "idle"> {
    head = await client.head(signal);
    const cursor = await readCursor(db);
    const epoch = await readEpoch(db, cursor.epoch);
    if (!epoch) {
      await write(openGenesis);
      return "more";
    }
    return epoch.closed ? handOver(cursor, epoch, signal) : follow(cursor, epoch, signal);
  }

  async function handOver(
    cursor: Cursor,
    epoch: FollowedEpoch,
    signal: AbortSignal,
  ): Promise<"more" | "idle"> {
    const certificate = await client.settlement(cursor.epoch, signal);
    if (!certificate) return "idle";
    const digest = assertSettlementCertificate(network, epoch.committee, epoch.opening, certificate);
    const next = await committeeOf(db, cursor.epoch + 1, certificate.nextCommittee.members);
    assertNextCommittee(certificate, next);
    await write((tx) => openNextEpoch(tx, certificate, digest, next));
    return "more";
  }

  async function follow(cursor: Cursor, epoch: FollowedEpoch, signal: AbortSignal): Promise<"more" | "idle"> {
    // what its transactions cost is on the L2
    if (cursor.l2Block < epoch.view) return "idle";
    const count = Math.min(BATCH, head - cursor.height);
    if (count <= 0) return "idle";
    const requests = Array.from({ length: count }, (_, i) => client.block(cursor.height + 1 + i, signal));
    const served = await Promise.all(requests);
    const verified: VerifiedBlock[] = [];
    let previous = cursor.index === 0 ? epoch.opening : rootBefore(cursor);
    let problem: unknown;
    for (const certified of served) {
      if (!certified) break;
      const position = { epoch: cursor.epoch, index: cursor.index + verified.length, previous };
      try {
        previous = assertCertifiedBlock(network, epoch.committee, position, certified);
      } catch (error) {
        problem = error;
        break;
      }
      verified.push({ height: cursor.height + 1 + verified.length, root: previous, block: certified.block });
      if (certified.block.closes === 1) break;
    }
    if (verified.length > 0) await write((tx) => applyBlocks(tx, cursor.epoch, verified));
    if (problem !== undefined) throw problem;
    return verified.length > 0 ? "more" : "idle";
  }

  return { step, head: () => head };
}

function rootBefore(cursor: Cursor): Uint8Array {
  if (cursor.blockRoot === null)
    throw new FlkError("ERR_BLOCK_LINK", "the cursor has no block root", { height: cursor.height });
  return fromHex(cursor.blockRoot);
}
