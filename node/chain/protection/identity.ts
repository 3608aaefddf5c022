import type { Store, Write } from "#node/interface/store.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { chainError } from "../errors.ts";

/** Whose signatures a protection folder records. */
export interface ProtectionIdentity {
  networkId: Uint8Array;
  /** consensus keys of the node, in all versions that it has had */
  consensusKeys: Uint8Array[];
}

const IDENTITY_KEY = Uint8Array.of(0xfe);
const NETWORK_BYTES = 32;
const KEY_BYTES = 48;

export async function readIdentity(store: Store): Promise<ProtectionIdentity | undefined> {
  const value = await store.get("protection", IDENTITY_KEY);
  if (!value) return undefined;
  const consensusKeys: Uint8Array[] = [];
  for (let at = NETWORK_BYTES; at < value.length; at += KEY_BYTES)
    consensusKeys.push(value.slice(at, at + KEY_BYTES));
  return { networkId: value.slice(0, NETWORK_BYTES), consensusKeys };
}

export function hasKey(keys: readonly Uint8Array[], wanted: Uint8Array): boolean {
  return keys.some((key) => equalBytes(key, wanted));
}

/**
 * The writes that make the records those of `identity`; none when they are already. Keys that are new join the known ones.
 * @throws ERR_WRONG_NETWORK, ERR_PROTECTION_FOREIGN when none of the keys is known
 */
export async function identityWrites(store: Store, identity: ProtectionIdentity): Promise<Write[]> {
  const known = await readIdentity(store);
  if (known && !equalBytes(known.networkId, identity.networkId)) {
    throw chainError("ERR_WRONG_NETWORK", "protection/ records what was signed in another network");
  }
  const before = known?.consensusKeys ?? [];
  if (known && !identity.consensusKeys.some((key) => hasKey(before, key))) {
    throw chainError("ERR_PROTECTION_FOREIGN", "protection/ records what other consensus keys signed");
  }
  const fresh = identity.consensusKeys.filter((key) => !hasKey(before, key));
  if (known && fresh.length === 0) return [];
  const value = Buffer.concat([identity.networkId, ...before, ...fresh]);
  return [{ namespace: "protection", key: IDENTITY_KEY, value: new Uint8Array(value) }];
}

/**
 * Before anything is signed: the records are of this network and of our keys.
 * `ran`: the data shows that the node ran before, so that there must be records.
 * @throws ERR_WRONG_NETWORK, ERR_PROTECTION_FOREIGN, ERR_PROTECTION_MISSING
 */
export async function bindProtection(
  store: Store,
  identity: ProtectionIdentity,
  ran: boolean,
): Promise<void> {
  // a chain that only follows signs nothing
  if (identity.consensusKeys.length === 0) return;
  if (ran && !(await readIdentity(store))) {
    const message =
      "data/ is of a node that ran, but protection/ is empty: restore the folder or import an export of it";
    throw chainError("ERR_PROTECTION_MISSING", message);
  }
  const writes = await identityWrites(store, identity);
  if (writes.length > 0) await store.write(writes);
}
