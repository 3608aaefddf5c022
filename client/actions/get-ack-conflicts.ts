import { laneId, laneKeyOf } from "#protocol/digests/ids.ts";
import { AckConflict } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { bytes, list, object } from "../rpc/json.ts";

/** So many a node keeps. */
const MAX_CONFLICTS = 1_024;

/**
 * What the node keeps of keys that signed two acknowledgements with one count, of one account or of all. `isAckConflict` says whether it proves
 * that of the key; of the account it says nothing unless that has authorised `conflictSession` (`getSession`).
 * @throws ERR_RPC_RESPONSE
 */
export async function getAckConflicts(
  client: FlkClient,
  { account }: { account?: Hex } = {},
): Promise<AckConflict[]> {
  const found: AckConflict[] = [];
  while (found.length < MAX_CONFLICTS) {
    const last = found.at(-1)?.first.ack;
    const position = last ? [last.epoch, toHex(laneId(laneKeyOf(last)))] : [];
    const query = [account ?? null, ...position];
    const answer = list(await client.request("flk_get_ack_conflicts", query), "conflicts");
    if (answer.length === 0) break;
    for (const item of answer) found.push(decode(AckConflict, bytes(object(item, "conflict").ssz, "ssz")));
  }
  return found.slice(0, MAX_CONFLICTS);
}
