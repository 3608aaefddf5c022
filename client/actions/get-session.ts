import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { FlkClient } from "../client.ts";
import { amount, integer, object } from "../rpc/json.ts";

/** micro-USD per epoch: limit, and spent in the current and in the previous epoch */
export interface SessionAuthorisation {
  expiryEpoch: number;
  /** nodes serve it for nothing new */
  revoked: boolean;
  limit: bigint;
  spent: bigint;
  spentPrevious: bigint;
  /** left of what the key reserved in the current and in the previous epoch */
  reserved: bigint;
  reservedPrevious: bigint;
}

/** What the account has authorised `key` to spend; undefined when it has not. */
export async function getSession(
  client: FlkClient,
  { account, key }: { account: Hex; key: Uint8Array },
): Promise<SessionAuthorisation | undefined> {
  const result = await client.request("flk_get_session", [account, toHex(key)]);
  if (result === null) return undefined;
  const session = object(result, "session");
  return {
    expiryEpoch: integer(session.expiry_epoch, "expiry_epoch"),
    revoked: session.revoked === true,
    limit: amount(session.limit, "limit"),
    spent: amount(session.spent, "spent"),
    spentPrevious: amount(session.spent_previous, "spent_previous"),
    reserved: amount(session.reserved, "reserved"),
    reservedPrevious: amount(session.reserved_previous, "reserved_previous"),
  };
}
