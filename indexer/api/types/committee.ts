import { decode } from "#protocol/types/codec.ts";
import { Committee, type CommitteeMember } from "#protocol/types/committee.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { oncePer } from "../../once-per.ts";
import type { epochs } from "../../store/schema.ts";
import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { ofCommittee, ofSeats } from "../work.ts";
import { KEY_VERSION, NODE_ID } from "./fields.ts";

type EpochRow = typeof epochs.$inferSelect;

/** Decoded once for a row, however many fields and aliases ask. */
export const membersOf = oncePer(
  (row: EpochRow): CommitteeMember[] => decode(Committee, fromHex(row.committee)).members,
);

export function addCommittee(builder: Builder, refs: Refs): void {
  const seat = builder.objectRef<CommitteeMember>("Seat").implement({
    description: "A member of a committee.",
    fields: (t) => ({
      nodeId: t.exposeInt("nodeId", { description: NODE_ID }),
      node: t.field({
        type: refs.node,
        nullable: true,
        description: "That node as it is now; null when the L2 knows none of that id.",
        resolve: (row, _, { loaders }) => loaders.node(row.nodeId),
      }),
      power: t.expose("power", {
        type: "Counter",
        description: "Weight of its vote; a quorum is more than two thirds of the committee's.",
      }),
      keyVersion: t.exposeInt("keyVersion", { description: KEY_VERSION }),
      consensusKey: t.field({
        type: "Hex",
        description: "Key that it signs the epoch with: BLS12-381, compressed G1, as the L2 registered it.",
        resolve: (row) => toHex(row.consensusKey),
      }),
    }),
  });
  refs.committee.implement({
    description:
      "Who ordered and certified an epoch: as the settlement before it, or the start on the L2, said.",
    fields: (t) => ({
      epoch: t.exposeInt("number", { description: "Number of the epoch that it ordered." }),
      power: t.field({
        ...ofCommittee,
        type: "Counter",
        description: "Of all its seats.",
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
