import { ContainerType, ListCompositeType, type ValueOf } from "@chainsafe/ssz";
import { Bytes20, Bytes32, Bytes64, Counter64, Uint8, Uint32, Uint64 } from "./primitives.ts";

/**
 * A cumulative delivery acknowledgement (DESIGN §7). Its lane is every field but `count`, `units` and `log`;
 * the newest of a lane stands for all before it.
 */
export const Ack = new ContainerType(
  {
    epoch: Counter64,
    account: Bytes20,
    session: Bytes32,
    lane: Uint32,
    node: Uint32,
    service: Uint32,
    commodity: Uint8,
    /** deliveries so far */
    count: Uint32,
    /** bytes or ms so far */
    units: Uint64,
    /** `log_n`, see digests/ack.ts `extendLog` */
    log: Bytes32,
  },
  { typeName: "Ack" },
);
export type Ack = ValueOf<typeof Ack>;

export const SignedAck = new ContainerType({ ack: Ack, signature: Bytes64 }, { typeName: "SignedAck" });
export type SignedAck = ValueOf<typeof SignedAck>;

/** What identifies a lane. */
export const LaneKey = new ContainerType(
  {
    epoch: Counter64,
    account: Bytes20,
    session: Bytes32,
    lane: Uint32,
    node: Uint32,
    service: Uint32,
    commodity: Uint8,
  },
  { typeName: "LaneKey" },
);
export type LaneKey = ValueOf<typeof LaneKey>;

/**
 * What a session key locks for one node in one epoch: `amount` micro-USD of the account's balance and of the key's limit, in
 * all, so that a higher one raises what a lower one locked (TRN-RESERVE).
 */
export const Reserve = new ContainerType(
  { epoch: Counter64, account: Bytes20, session: Bytes32, node: Uint32, amount: Uint64 },
  { typeName: "Reserve" },
);
export type Reserve = ValueOf<typeof Reserve>;

export const SignedReserve = new ContainerType(
  { reserve: Reserve, signature: Bytes64 },
  { typeName: "SignedReserve" },
);
export type SignedReserve = ValueOf<typeof SignedReserve>;

/**
 * A session key's word that `subkey` may acknowledge and reserve for the account in the epochs `from` to `to`, at most `limit`
 * micro-USD in each, within what the session key itself may. It travels with what the subkey signs (TRN-DELEGATE).
 */
export const Delegation = new ContainerType(
  {
    account: Bytes20,
    session: Bytes32,
    subkey: Bytes32,
    from: Counter64,
    to: Counter64,
    limit: Uint64,
    /** BLAKE3 of the web origin that nodes serve it to (`originHash`), zero: any client */
    origin: Bytes32,
  },
  { typeName: "Delegation" },
);
export type Delegation = ValueOf<typeof Delegation>;

export const SignedDelegation = new ContainerType(
  { delegation: Delegation, signature: Bytes64 },
  { typeName: "SignedDelegation" },
);
export type SignedDelegation = ValueOf<typeof SignedDelegation>;

/** Two acknowledgements of one lane with one count: evidence against the key that signed them (docs/spec/delivery.md D14). */
export const AckConflict = new ContainerType(
  {
    first: SignedAck,
    second: SignedAck,
    /** of the key, when it is a delegated one */
    delegations: new ListCompositeType(SignedDelegation, 1),
  },
  { typeName: "AckConflict" },
);
export type AckConflict = ValueOf<typeof AckConflict>;

export const COMMODITY = { bandwidth: 0, compute: 1 } as const;
/** The CDN. */
export const SERVICE_CDN = 0;
/** Session keys: scheme 0 is Ed25519. */
export const SESSION_SCHEME_ED25519 = 0;
