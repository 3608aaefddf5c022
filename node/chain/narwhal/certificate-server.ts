import { BitListType, ByteListType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { consensusError } from "#node/consensus/errors.ts";
import { certificateKey, readU64, TABLE, tableKey } from "#node/consensus/records.ts";
import { MAX_COMMITTEE, MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { Counter64 } from "#protocol/types/primitives.ts";
import type { EpochDeps } from "./deps.ts";

/** Request on the channel "sync", in the half that belongs to consensus. */
export const CERTIFICATES_TAG = 0x80;
export const MAX_ROUNDS = 1000;
const MAX_CERTIFICATES = 2000;
const MAX_CERTIFICATE_BYTES = 131_072;

/** `have[i]`: bit m is set when member m's certificate of round after + 1 + i is known. */
export const FetchRequest = new ContainerType(
  {
    epoch: Counter64,
    after: Counter64,
    have: new ListCompositeType(new BitListType(MAX_COMMITTEE), MAX_ROUNDS),
  },
  { typeName: "CertificateRequest" },
);
/** ascending by (round, author) */
export const FetchResponse = new ListCompositeType(new ByteListType(MAX_CERTIFICATE_BYTES), MAX_CERTIFICATES);

/** NAR-FETCH: answers a member from the disk. @throws ERR_DECODE, ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER */
export async function serveCertificates(
  deps: EpochDeps,
  from: number,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { committee, epoch, store } = deps;
  const request = decode(FetchRequest, message);
  if (request.epoch !== epoch)
    throw consensusError("ERR_EPOCH_FOREIGN", "certificates of another epoch", { from });
  if (!committee.has(from))
    throw consensusError("ERR_MESSAGE_SENDER", "only members sync certificates", { from });
  const items: Uint8Array[] = [];
  let bytes = 0;
  const range = {
    gte: certificateKey(epoch, request.after + 1, 0),
    lt: tableKey(TABLE.certificate, epoch + 1),
  };
  for await (const [key, value] of store.iterate("consensus", range)) {
    const known = request.have[readU64(key, 9) - request.after - 1];
    const at = committee.indexOf(readU64(key, 17));
    if (known && at < known.bitLen && known.get(at)) continue;
    bytes += value.length + 4;
    if (bytes > MAX_MESSAGE_BYTES - 1024 || items.length >= MAX_CERTIFICATES) break;
    items.push(value.slice());
  }
  return FetchResponse.serialize(items);
}
