import type { FlkClient } from "../client.ts";
import { integer } from "../rpc/json.ts";

/** The current epoch of the protocol chain. */
export async function getEpoch(client: FlkClient): Promise<number> {
  return integer(await client.request("flk_get_epoch", []), "epoch");
}
