import {
  BitListType,
  ByteListType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  type ValueOf,
} from "@chainsafe/ssz";
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_TRANSACTIONS,
  MAX_COMMITTEE,
  MAX_HEADER_ATTESTATIONS,
  MAX_HEADER_BATCHES,
  MAX_HEADER_CHECKPOINTS,
  MAX_SIGNED_TRANSACTION_BYTES,
} from "../params/limits.ts";
import { Bytes32, Bytes96, Counter64, Uint8, Uint32 } from "./primitives.ts";

/** A worker's batch: serialized `SignedTransaction`s. Its id is BLAKE3 of its SSZ bytes (digests/ids.ts). */
export const Batch = new ContainerType(
  {
    epoch: Counter64,
    author: Uint32,
    worker: Uint8,
    /** makes two batches with the same transactions distinct */
    sequence: Counter64,
    transactions: new ListCompositeType(
      new ByteListType(MAX_SIGNED_TRANSACTION_BYTES),
      MAX_BATCH_TRANSACTIONS,
    ),
  },
  { typeName: "Batch" },
);
export type Batch = ValueOf<typeof Batch>;
export const MAX_ENCODED_BATCH_BYTES: number = MAX_BATCH_BYTES;

/** An L2 block that its reporter saw finalized. */
export const L2Checkpoint = new ContainerType(
  { number: Counter64, hash: Bytes32 },
  { typeName: "L2Checkpoint" },
);
export type L2Checkpoint = ValueOf<typeof L2Checkpoint>;

/** What a member attests to after it executed a block (DESIGN §6). `previous` is the blockRoot before it, or the genesis digest of the epoch for index 0. */
export const AttestationData = new ContainerType(
  { epoch: Counter64, index: Counter64, previous: Bytes32, blockRoot: Bytes32, stateRoot: Bytes32 },
  { typeName: "AttestationData" },
);
export type AttestationData = ValueOf<typeof AttestationData>;

export const SignedAttestation = new ContainerType(
  { data: AttestationData, node: Uint32, signature: Bytes96 },
  { typeName: "SignedAttestation" },
);
export type SignedAttestation = ValueOf<typeof SignedAttestation>;

export const BatchRef = new ContainerType({ digest: Bytes32, worker: Uint8 }, { typeName: "BatchRef" });
export type BatchRef = ValueOf<typeof BatchRef>;

/**
 * A vertex of the DAG. `parents`: ascending digests of certificates of round − 1 (genesis digests for round 1).
 * `payload`: ascending by (digest, worker). `beacon`: exactly one signature in rounds that have an anchor, else none.
 */
export const Header = new ContainerType(
  {
    epoch: Counter64,
    round: Counter64,
    author: Uint32,
    /** Unix ms */
    createdAt: Counter64,
    payload: new ListCompositeType(BatchRef, MAX_HEADER_BATCHES),
    parents: new ListCompositeType(Bytes32, MAX_COMMITTEE),
    checkpoints: new ListCompositeType(L2Checkpoint, MAX_HEADER_CHECKPOINTS),
    attestations: new ListCompositeType(SignedAttestation, MAX_HEADER_ATTESTATIONS),
    beacon: new ListCompositeType(Bytes96, 1),
  },
  { typeName: "Header" },
);
export type Header = ValueOf<typeof Header>;

export const SignedHeader = new ContainerType(
  { header: Header, signature: Bytes96 },
  { typeName: "SignedHeader" },
);
export type SignedHeader = ValueOf<typeof SignedHeader>;

/** `digest` is the header's digest; the signature is over the vote message of (epoch, round, author). */
export const Vote = new ContainerType(
  { epoch: Counter64, round: Counter64, author: Uint32, digest: Bytes32, voter: Uint32, signature: Bytes96 },
  { typeName: "Vote" },
);
export type Vote = ValueOf<typeof Vote>;

/** `signers`: bit i is member i of the committee (ascending nodeId). The digest of a certificate is that of its header. */
export const Certificate = new ContainerType(
  { header: SignedHeader, signers: new BitListType(MAX_COMMITTEE), signature: Bytes96 },
  { typeName: "Certificate" },
);
export type Certificate = ValueOf<typeof Certificate>;

/** 2f+1 attestations of one block: what non-members, light clients and the indexer follow. */
export const CommitCertificate = new ContainerType(
  { data: AttestationData, signers: new BitListType(MAX_COMMITTEE), signature: Bytes96 },
  { typeName: "CommitCertificate" },
);
export type CommitCertificate = ValueOf<typeof CommitCertificate>;

/** A member's share of the settlement of `epoch`. */
export const SettlementShare = new ContainerType(
  { epoch: Counter64, digest: Bytes32, node: Uint32, signature: Bytes96 },
  { typeName: "SettlementShare" },
);
export type SettlementShare = ValueOf<typeof SettlementShare>;

/** Ids only, for messages that ask for things. */
export const DigestList = new ListCompositeType(Bytes32, 4096);
export const NodeIdList = new ListBasicType(Uint32, MAX_COMMITTEE);
