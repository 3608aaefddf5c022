import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { Bytes20, Bytes32, Uint8, Uint32, Uint64 } from "./primitives.ts";

/** One entry of a lane's log: `units` bytes of the content from `offset` (docs/spec/delivery.md D2). */
export const Delivery = new ContainerType(
  { contentHash: Bytes32, offset: Uint64, units: Uint64 },
  { typeName: "Delivery" },
);
export type Delivery = ValueOf<typeof Delivery>;

/** What both sides of a handshake sign, each under its own tag (docs/spec/delivery.md D1). */
export const Handshake = new ContainerType(
  {
    account: Bytes20,
    /** session key, Ed25519 */
    session: Bytes32,
    node: Uint32,
    service: Uint32,
    commodity: Uint8,
    lane: Uint32,
    clientChallenge: Bytes32,
    nodeChallenge: Bytes32,
  },
  { typeName: "Handshake" },
);
export type Handshake = ValueOf<typeof Handshake>;
