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
      staked: t.expose("staked", { type: "FLK" }),
      thawing: t.expose("thawing", { type: "FLK", description: "Being withdrawn; still slashable." }),
      ...ofLog(t, refs),
    }),
  });
  refs.stakeLock.implement({
    description: "An owner's word not to unstake.",
    fields: (t) => ({
      ...ofNode(t, refs),
      lockedUntil: t.expose("lockedUntil", { type: "Counter", description: "Unix seconds." }),
      ...ofLog(t, refs),
    }),
  });
}

function addThawRequest(builder: Builder, refs: Refs): void {
  const state = builder.enumType("ThawState", {
    description: "SLASHED: a slash took all that was left of it.",
    values: ["THAWING", "CANCELLED", "WITHDRAWN", "SLASHED"] as const,
  });
  type State = (typeof state)["$inferType"];
  refs.thawRequest.implement({
    description: "Stake on its way out.",
    fields: (t) => ({
      ...ofNode(t, refs),
      request: t.expose("request", { type: "Counter", description: "Within its node." }),
      state: t.field({ type: state, resolve: (row) => row.state as State }),
      amount: t.expose("amount", { type: "FLK", description: "That was asked for." }),
      remaining: t.expose("remaining", { type: "FLK", description: "Of it: what no slash took." }),
      maturesAt: t.expose("maturesAt", { type: "Counter", description: "Unix seconds." }),
      recipient: t.expose("recipient", {
        type: "Address",
        nullable: true,
        description: "Who got it, once it is withdrawn.",
      }),
      closedBlock: t.expose("closedBlock", { type: "Counter", nullable: true }),
      closedTx: t.expose("closedTx", { type: "Hex", nullable: true }),
      ...ofLog(t, refs),
    }),
  });
}

function addSlash(refs: Refs): void {
  refs.slash.implement({
    description: "Stake that a node lost.",
    fields: (t) => ({
      ...ofNode(t, refs),
      amount: t.expose("amount", { type: "FLK" }),
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
        description: "What it signed twice, as the slasher counts: see docs/spec/contracts.md.",
      }),
      slot: t.expose("slot", { type: "Units", nullable: true, description: "Where it did." }),
      ...ofLog(t, refs),
    }),
  });
}
