import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import type { Store, Write } from "#node/interface/store.ts";
import { KIND } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { chainError } from "../errors.ts";
import type { FileRecord, ProtectionFile } from "./file-format.ts";
import { hasKey, identityWrites, type ProtectionIdentity, readIdentity } from "./identity.ts";
import {
  EPOCHS_END,
  epochRange,
  floorWrite,
  KINDS,
  parseRecord,
  readFloor,
  recordWrite,
  signedBefore,
  slotOf,
} from "./records.ts";
import { isSignedBy, readSigned, type SignedBytes } from "./signed-bytes.ts";

/**
 * Attestations that an export holds, newest first: the newest alone keeps lower slots from being signed, the others only let
 * the node send them again.
 */
const MAX_ATTESTATIONS = 1024;

/** Everything that keeps the keys from signing twice. @throws ERR_PROTECTION_MISSING when nothing was ever recorded */
export async function exportProtection(store: Store): Promise<ProtectionFile> {
  const identity = await readIdentity(store);
  if (!identity) throw chainError("ERR_PROTECTION_MISSING", "protection/ is empty: no node ran with it");
  const floorEpoch = await readFloor(store);
  const records: FileRecord[] = [];
  for (const kind of KINDS) {
    const limit = kind === KIND.attestation ? MAX_ATTESTATIONS : -1;
    const range = { ...epochRange(kind, floorEpoch, EPOCHS_END), reverse: true, limit };
    for await (const [key, value] of store.iterate("protection", range)) {
      const { bytes: signed } = parseRecord(value);
      const { epoch } = readSigned(identity.networkId, kind, signed);
      records.push({ kind, epoch, slot: slotOf(key), signed: signed.slice() });
    }
  }
  return { ...identity, floorEpoch, records };
}

/**
 * Adds what the file says to what is recorded, in one write: nothing that is there is lowered. Returns how many records are new.
 * `identity`: of this node.
 * @throws ERR_WRONG_NETWORK, ERR_PROTECTION_FOREIGN, ERR_PROTECTION_FILE, ERR_PROTECTION_CONFLICT; nothing is written then
 */
export async function importProtection(
  store: Store,
  file: ProtectionFile,
  identity: ProtectionIdentity,
  verifier: ConsensusVerifier,
): Promise<{ added: number; floorEpoch: number }> {
  assertOurs(file, identity);
  const before = await readFloor(store);
  const floorEpoch = Math.max(before, file.floorEpoch);
  const writes: Write[] = await identityWrites(store, identity);
  /** payloads of the file, by slot */
  const seen = new Map<string, Uint8Array>();
  let added = 0;
  for (const [i, record] of file.records.entries()) {
    const { payloadHash } = assertSigned(file, record, verifier, i);
    const { kind, epoch, slot } = record;
    const at = `${kind}/${epoch}/${slot}`;
    const known = seen.get(at) ?? (await signedBefore(store, kind, epoch, slot))?.payloadHash;
    if (known && !equalBytes(known, payloadHash)) {
      const problem = `records[${i}]: another payload is recorded for its slot`;
      throw chainError("ERR_PROTECTION_CONFLICT", problem, { kind, epoch, slot });
    }
    seen.set(at, payloadHash);
    if (known || record.epoch < floorEpoch) continue;
    writes.push(recordWrite(record.kind, record.epoch, record.slot, { payloadHash, bytes: record.signed }));
    added++;
  }
  if (floorEpoch > before) writes.push(floorWrite(floorEpoch));
  if (writes.length > 0) await store.write(writes);
  return { added, floorEpoch };
}

function assertOurs(file: ProtectionFile, { networkId, consensusKeys }: ProtectionIdentity): void {
  if (!equalBytes(file.networkId, networkId))
    throw chainError("ERR_WRONG_NETWORK", "the file is of another network");
  if (file.consensusKeys.every((key) => hasKey(consensusKeys, key))) return;
  throw chainError("ERR_PROTECTION_FOREIGN", "the file names a consensus key that is not in this keystore");
}

function assertSigned(
  file: ProtectionFile,
  record: FileRecord,
  verifier: ConsensusVerifier,
  index: number,
): SignedBytes {
  const wrong = (problem: string) =>
    chainError("ERR_PROTECTION_FILE", `not an export of protection/: records[${index}] ${problem}`, {
      index,
    });
  let signed: SignedBytes;
  try {
    signed = readSigned(file.networkId, record.kind, record.signed);
  } catch (error) {
    if (!isFlkError(error)) throw error;
    throw wrong("does not hold what its kind says");
  }
  if (record.epoch < file.floorEpoch) throw wrong("is of an epoch below floorEpoch");
  if (signed.epoch !== record.epoch || signed.slot !== record.slot)
    throw wrong("is of another epoch or slot");
  if (!isSignedBy(verifier, file.consensusKeys, signed)) throw wrong("is not signed by a key of the file");
  return signed;
}
