import type { settlements } from "../store/schema.ts";

export type SettlementState = "PENDING" | "HELD" | "ACTIVE" | "VOIDED";

type Settlement = Pick<typeof settlements.$inferSelect, "digest" | "voided" | "activatedBlock" | "holds">;

export function stateOf({
  voided,
  activatedBlock,
  holds,
}: Pick<Settlement, "voided" | "activatedBlock" | "holds">): SettlementState {
  if (voided) return "VOIDED";
  if (activatedBlock !== null) return "ACTIVE";
  return holds === 0 ? "PENDING" : "HELD";
}

/** Of the settlement with the digest that the epoch has; null when final L2 blocks have none. */
export function stateOfEpoch(
  { digest }: { digest: string | null },
  settlement: Settlement | null | undefined,
): SettlementState | null {
  return settlement && settlement.digest === digest ? stateOf(settlement) : null;
}
