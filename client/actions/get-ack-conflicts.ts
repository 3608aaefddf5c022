import { AckConflict } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import type { FlkClient } from "../client.ts";
import { bytes, list, object } from "../rpc/json.ts";

/** What the node keeps of session keys that signed two acknowledgements with one count; `isAckConflict` says whether it proves that. */
export async function getAckConflicts(client: FlkClient): Promise<AckConflict[]> {
  const found = list(await client.request("flk_get_ack_conflicts", []), "conflicts");
  return found.map((item) => decode(AckConflict, bytes(object(item, "conflict").ssz, "ssz")));
}
