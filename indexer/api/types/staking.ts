import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { ofLog, ofNode } from "./fields.ts";

export function addStaking(builder: Builder, refs: Refs): void {
  addStake(refs);
  addThawRequest(builder, refs);
  addSlash(refs);
}

function addStake(refs: Refs): void {
  refs.stake.implement({
    description: "Stake of a node, from this log on.",
    fields: (t) => ({
      ...ofNode(t, refs),
      staked: t.expose("staked", { type: "FLK", description: "That counts as stake from then on." }),
      thawing: t.expose("thawing", { type: "FLK", description: "Being withdrawn; still slashable." }),
      ...ofLog(t, refs),
    }),
  });
  refs.stakeLock.implement({
    description: "An owner's word not to unstake.",
    fields: (t) => ({
      ...ofNode(t, refs),
      lockedUntil: t.expose("lockedUntil", {
        type: "Counter",
        description: "Until when stake cannot be unstaked: Unix seconds.",
      }),
      ...ofLog(t, refs),
    }),
  });
}

function addThawRequest(builder: Builder, refs: Refs): void {
  const state = builder.enumType("ThawState", {
    description: "What became of stake on its way out.",
    values: {
      THAWING: { description: "It waits, or is mature and nobody has withdrawn it." },
      CANCELLED: { description: "It is stake again." },
      WITHDRAWN: { description: "It was paid to `recipient`." },
      SLASHED: { description: "A slash took all that was left of it." },
    } as const,
  });
  type State = (typeof state)["$inferType"];
  refs.thawRequest.implement({
    description: "Stake on its way out.",
    fields: (t) => ({
      ...ofNode(t, refs),
      request: t.expose("request", {
        type: "Counter",
        description: "Number that the L2 gave it, among those of its node.",
      }),
      state: t.field({
        type: state,
        description: "As it is now, by events in final L2 blocks.",
        resolve: (row) => row.state as State,
      }),
      amount: t.expose("amount", { type: "FLK", description: "That was asked for." }),
      remaining: t.expose("remaining", { type: "FLK", description: "Of it: what no slash took." }),
      maturesAt: t.expose("maturesAt", {
        type: "Counter",
        description: "From when on it can be withdrawn: Unix seconds.",
      }),
      recipient: t.expose("recipient", {
        type: "Address",
        nullable: true,
        description: "Who got it; null unless it is withdrawn.",
      }),
      closedBlock: t.expose("closedBlock", {
        type: "Counter",
        nullable: true,
        description: "Number of the L2 block that ended it; null while it thaws.",
      }),
      closedTx: t.expose("closedTx", {
        type: "Hex",
        nullable: true,
        description: "Hash of the L2 transaction that ended it; null while it thaws.",
      }),
      ...ofLog(t, refs),
    }),
  });
}

function addSlash(refs: Refs): void {
  refs.slash.implement({
    description: "Stake that a node lost.",
    fields: (t) => ({
      ...ofNode(t, refs),
      amount: t.expose("amount", {
        type: "FLK",
        description: "Taken from its stake and from what was thawing.",
      }),
      reporter: t.expose("reporter", {
        type: "Address",
        nullable: true,
        description: "Who showed the evidence; null for a slash list of the committee.",
      }),
      reward: t.expose("reward", { type: "FLK", description: "Of the amount: what the reporter got." }),
      epoch: t.expose("epoch", {
        type: "Int",
        nullable: true,
        description: "In which the node contradicted itself; null when it was not by evidence.",
      }),
      kind: t.expose("kind", {
        type: "Int",
        nullable: true,
        description:
          "What it signed twice, as the slasher counts, see docs/spec/contracts.md; null when it was not by evidence.",
      }),
      slot: t.expose("slot", {
        type: "Units",
        nullable: true,
        description: "What both name beside the epoch, such as a round; null like `kind`.",
      }),
      ...ofLog(t, refs),
    }),
  });
}
