import { ByteListType, ContainerType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import { MAX_ACKS_PER_TRANSACTION, MAX_REPORTED_PEERS, MAX_TRANSACTION_BYTES } from "../params/limits.ts";
import { SignedAck, SignedDelegation, SignedReserve } from "./ack.ts";
import { Bytes20, Bytes32, Counter64, Uint8, Uint32, Uint64 } from "./primitives.ts";
import { PeerReport } from "./reputation.ts";
import { u32At } from "./well-formed.ts";

/** Kinds on the wire. Append only; retired numbers are never reused. */
export const TX = {
  transfer: 1,
  withdraw: 2,
  authorizeSession: 3,
  revokeSession: 4,
  submitAcks: 5,
  optIn: 6,
  optOut: 7,
  reserve: 8,
  submitReputation: 9,
} as const;
export type TxKind = (typeof TX)[keyof typeof TX];

/** Account-signed (EIP-712): moves stablecoin between protocol balances. `amount` in micro-USD. */
export const Transfer = new ContainerType(
  { account: Bytes20, nonce: Counter64, to: Bytes20, amount: Uint64 },
  { typeName: "Transfer" },
);
export type Transfer = ValueOf<typeof Transfer>;

/** Account-signed: turns balance into payout, claimable on the L2 after the epoch settles. */
export const Withdraw = new ContainerType(
  { account: Bytes20, nonce: Counter64, amount: Uint64 },
  { typeName: "Withdraw" },
);
export type Withdraw = ValueOf<typeof Withdraw>;

/** Account-signed: `key` may acknowledge for the account until the end of `expiryEpoch`, at most `limit` micro-USD per epoch. */
export const AuthorizeSession = new ContainerType(
  { account: Bytes20, nonce: Counter64, scheme: Uint8, key: Bytes32, expiryEpoch: Counter64, limit: Uint64 },
  { typeName: "AuthorizeSession" },
);
export type AuthorizeSession = ValueOf<typeof AuthorizeSession>;

/** Account-signed: the session expires with the current epoch; earlier acknowledgements stay payable. */
export const RevokeSession = new ContainerType(
  { account: Bytes20, nonce: Counter64, key: Bytes32 },
  { typeName: "RevokeSession" },
);
export type RevokeSession = ValueOf<typeof RevokeSession>;

/** Node-signed, idempotent. `sequence` makes it good for one block (TRN-SEQUENCE). `delegations`: those of the subkeys that signed any of `acks`, each once. */
export const SubmitAcks = new ContainerType(
  {
    node: Uint32,
    sequence: Counter64,
    acks: new ListCompositeType(SignedAck, MAX_ACKS_PER_TRANSACTION),
    delegations: new ListCompositeType(SignedDelegation, MAX_ACKS_PER_TRANSACTION),
  },
  { typeName: "SubmitAcks" },
);
export type SubmitAcks = ValueOf<typeof SubmitAcks>;

/** As `SubmitAcks`: hands in what a session key reserved for the node. */
export const SubmitReserve = new ContainerType(
  {
    node: Uint32,
    sequence: Counter64,
    signed: SignedReserve,
    delegations: new ListCompositeType(SignedDelegation, 1),
  },
  { typeName: "SubmitReserve" },
);
export type SubmitReserve = ValueOf<typeof SubmitReserve>;

/** Node-signed: `OptIn` and `OptOut` take effect at the next committee draw. */
export const Participation = new ContainerType(
  { node: Uint32, nonce: Counter64 },
  { typeName: "Participation" },
);
export type Participation = ValueOf<typeof Participation>;

/** Node-signed, once per node and epoch, no nonce: what the node saw of those that it observes, ascending by node. */
export const SubmitReputation = new ContainerType(
  { node: Uint32, epoch: Counter64, peers: new ListCompositeType(PeerReport, MAX_REPORTED_PEERS) },
  { typeName: "SubmitReputation" },
);
export type SubmitReputation = ValueOf<typeof SubmitReputation>;

const MAX_SIGNATURE_BYTES = 96;

/**
 * What travels in batches. `payload` is the SSZ of the container that `kind` names. `signature` is 65 bytes
 * r ‖ s ‖ v (v = 27 or 28, low s) for account-signed kinds and 64 bytes Ed25519 for node-signed ones.
 */
export const SignedTransaction = new ContainerType(
  {
    kind: Uint8,
    payload: new ByteListType(MAX_TRANSACTION_BYTES),
    signature: new ByteListType(MAX_SIGNATURE_BYTES),
  },
  { typeName: "SignedTransaction" },
);
export type SignedTransaction = ValueOf<typeof SignedTransaction>;

/** The kind that an encoded `SignedTransaction` begins with, well-formed or not; 0 of no bytes. */
export function kindOf(bytes: Uint8Array): number {
  return bytes[0] ?? 0;
}

/** Whether `bytes` decode as a `SignedTransaction`, found without an exception. */
export function isEnvelope(bytes: Uint8Array): boolean {
  const { fixedEnd } = SignedTransaction;
  if (bytes.length < fixedEnd) return false;
  const payload = u32At(bytes, 1);
  const signature = u32At(bytes, 5);
  return (
    payload === fixedEnd &&
    signature >= payload &&
    signature <= bytes.length &&
    signature - payload <= MAX_TRANSACTION_BYTES &&
    bytes.length - signature <= MAX_SIGNATURE_BYTES
  );
}
