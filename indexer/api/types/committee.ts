import { decode } from "#protocol/types/codec.ts";
import { Committee, type CommitteeMember } from "#protocol/types/committee.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { oncePer } from "../../once-per.ts";
import type { epochs } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { ofCommittee, ofSeats } from "../work.ts";

type EpochRow = typeof epochs.$inferSelect;

/** Decoded once for a row, however many fields and aliases ask. */
export const membersOf = oncePer(
  (row: EpochRow): CommitteeMember[] => decode(Committee, fromHex(row.committee)).members,
);

export function addCommittee(builder: Builder, refs: Refs): void {
  const seat = builder.objectRef<CommitteeMember>("Seat").implement({
    description: "A member of a committee.",
    fields: (t) => ({
      nodeId: t.exposeInt("nodeId"),
      node: t.field({
        type: refs.node,
        nullable: true,
        resolve: (row, _, { loaders }) => loaders.node(row.nodeId),
      }),
      power: t.expose("power", { type: "Counter" }),
      keyVersion: t.exposeInt("keyVersion"),
      consensusKey: t.field({
        type: "Hex",
        description: "Compressed G1, as the L2 registered it.",
        resolve: (row) => toHex(row.consensusKey),
      }),
    }),
  });
  refs.committee.implement({
    description:
      "Who ordered and certified an epoch: as the settlement before it, or the start on the L2, said.",
    fields: (t) => ({
      epoch: t.exposeInt("number"),
      power: t.field({
        ...ofCommittee,
        type: "Counter",
        resolve: (row) => membersOf(row).reduce((sum, { power }) => sum + power, 0),
      }),
      seats: t.field({
        ...ofSeats,
        type: [seat],
        description: "By node, ascending.",
        resolve: membersOf,
      }),
    }),
  });
}
