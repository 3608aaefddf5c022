import { ContainerType, type ValueOf } from "@chainsafe/ssz";
import { Committee } from "#protocol/types/committee.ts";
import { Bytes32 } from "#protocol/types/primitives.ts";
import { Settlement } from "#protocol/types/settlement.ts";

/** What a node computed itself when it executed the closing block of an epoch. */
export const ClosedRecord = new ContainerType(
  {
    settlement: Settlement,
    /** that signs */
    committee: Committee,
    nextCommittee: Committee,
    /** beacon seed of the closed epoch */
    seed: Bytes32,
    /** beacon seed of the next epoch: draws the posting ranks */
    nextSeed: Bytes32,
  },
  { typeName: "ClosedRecord" },
);
export type ClosedRecord = ValueOf<typeof ClosedRecord>;
