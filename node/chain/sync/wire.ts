import { ByteListType, ContainerType, ListBasicType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import { MAX_MESSAGE_BYTES, MAX_TRANSACTION_BYTES } from "#protocol/params/limits.ts";
import { Counter64, Uint8, Uint32 } from "#protocol/types/primitives.ts";

/** Requests on channel "sync": the first byte. Below 0x80; the rest belongs to consensus. Append only. */
export const SYNC_TAG = { head: 0x01, blocks: 0x02, settlement: 0x03, certificate: 0x04 } as const;

/** Messages on channel "consensus": the first byte. From 0x40 up; the rest belongs to consensus. Append only. */
export const MESSAGE_TAG = { attestation: 0x40, settlementShare: 0x41, head: 0x42 } as const;

/** Heights and epochs are counts here: 0 means none yet. */
export const Head = new ContainerType(
  {
    /** blocks that have a commit certificate, without a gap */
    certified: Counter64,
    /** epochs that have a settlement certificate */
    settled: Counter64,
  },
  { typeName: "Head" },
);
export type Head = ValueOf<typeof Head>;

/** `offset`: bytes of the first block that the asker already has. */
export const BlocksRequest = new ContainerType(
  { height: Counter64, offset: Uint32 },
  { typeName: "BlocksRequest" },
);
export type BlocksRequest = ValueOf<typeof BlocksRequest>;

/** Bytes of blocks in one answer, so that the whole stays below MAX_MESSAGE_BYTES. */
export const MAX_BLOCKS_BYTES: number = MAX_MESSAGE_BYTES - 8_192;
export const MAX_BLOCKS = 256;

/**
 * Serialized `CertifiedBlock`s from the height that was asked for, as many as fit. When the first does not fit, or an
 * offset was asked for: one chunk of it and its `total` bytes.
 */
export const BlocksResponse = new ContainerType(
  { total: Uint32, blocks: new ListCompositeType(new ByteListType(MAX_MESSAGE_BYTES), MAX_BLOCKS) },
  { typeName: "BlocksResponse" },
);
export type BlocksResponse = ValueOf<typeof BlocksResponse>;

/** Epoch or height of what is asked for; the answer is its bytes, or none when the peer does not have it. */
export const NumberRequest = new ContainerType({ number: Counter64 }, { typeName: "NumberRequest" });

/** A request on channel "tx". */
export const ForwardRequest = new ListCompositeType(new ByteListType(MAX_TRANSACTION_BYTES + 256), 4096);
/** One byte for each: 0 accepted (durable), n RECEIPT_CODES[n], or one of FORWARD. */
export const ForwardResponse = new ListBasicType(Uint8, 4096);
export const FORWARD = { accepted: 0, full: 254 } as const;
