import { ByteListType, ContainerType, ListBasicType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import {
  MAX_ACKS_PER_TRANSACTION,
  MAX_SIGNED_TRANSACTION_BYTES,
  UNREACHABLE_ENTRIES,
} from "../params/limits.ts";
import { CommitCertificate, L2Checkpoint } from "./consensus.ts";
import { Bytes20, Bytes32, Bytes96, Counter64, Uint8, Uint32, Uint64 } from "./primitives.ts";

/** Why a balance changed. Append only. */
export const CHANGE = {
  deposit: 1,
  transferOut: 2,
  transferIn: 3,
  withdraw: 4,
  ackPayment: 5,
} as const;

/** `balance` is the account's balance after the change (micro-USD); `delta` is its size, the sign follows from `reason`. */
export const BalanceChange = new ContainerType(
  { account: Bytes20, reason: Uint8, delta: Uint64, balance: Uint64 },
  { typeName: "BalanceChange" },
);
export type BalanceChange = ValueOf<typeof BalanceChange>;

/** One per acknowledgement at most. */
const MAX_CHANGES_PER_TRANSACTION = 4 * MAX_ACKS_PER_TRANSACTION;

/**
 * `status` indexes RECEIPT_CODES; `ackStatus[i]` indexes ACK_CODES for the i-th acknowledgement of a `SubmitAcks`, and says whether it has a payment
 * among `changes` (`ackPayments`).
 */
export const Receipt = new ContainerType(
  {
    txId: Bytes32,
    kind: Uint8,
    status: Uint8,
    ackStatus: new ListBasicType(Uint8, MAX_ACKS_PER_TRANSACTION),
    changes: new ListCompositeType(BalanceChange, MAX_CHANGES_PER_TRANSACTION),
  },
  { typeName: "Receipt" },
);
export type Receipt = ValueOf<typeof Receipt>;

/** An L2 checkpoint as one member's header reported it; ordered with the sub-DAG. */
export const CheckpointReport = new ContainerType(
  { node: Uint32, checkpoint: L2Checkpoint },
  { typeName: "CheckpointReport" },
);
export type CheckpointReport = ValueOf<typeof CheckpointReport>;

/**
 * What consensus hands to execution: one committed sub-DAG. A function of the DAG alone, so that every node that
 * orders, and every node that only follows, executes the same.
 */
export const BlockInput = new ContainerType(
  {
    epoch: Counter64,
    /** of the block within its epoch, from 0 */
    index: Counter64,
    anchorRound: Counter64,
    anchorAuthor: Uint32,
    /** digest of the anchor certificate */
    anchor: Bytes32,
    /** Unix ms: power-weighted median of the creation times of the anchor's parents; the transition keeps it from going backwards */
    time: Counter64,
    /** the anchor leader's beacon signature */
    beacon: Bytes96,
    reports: new ListCompositeType(CheckpointReport, UNREACHABLE_ENTRIES),
    /** serialized SignedTransactions in order, duplicates within the sub-DAG dropped */
    transactions: new ListCompositeType(new ByteListType(MAX_SIGNED_TRANSACTION_BYTES), UNREACHABLE_ENTRIES),
  },
  { typeName: "BlockInput" },
);
export type BlockInput = ValueOf<typeof BlockInput>;

/** A block: the input and what executing it gave. `blockRoot` = hashTreeRoot(Block). */
export const Block = new ContainerType(
  {
    input: BlockInput,
    /** blockRoot before it, or the genesis digest of the epoch for index 0 */
    previous: Bytes32,
    /** Unix ms, never backwards */
    time: Counter64,
    l2View: L2Checkpoint,
    /** balance changes by L2 events that this block applied, in their order */
    l2Changes: new ListCompositeType(BalanceChange, UNREACHABLE_ENTRIES),
    receipts: new ListCompositeType(Receipt, UNREACHABLE_ENTRIES),
    stateRoot: Bytes32,
    /** true when this block closed its epoch */
    closes: Uint8,
  },
  { typeName: "Block" },
);
export type Block = ValueOf<typeof Block>;

export const CertifiedBlock = new ContainerType(
  { block: Block, certificate: CommitCertificate },
  { typeName: "CertifiedBlock" },
);
export type CertifiedBlock = ValueOf<typeof CertifiedBlock>;
