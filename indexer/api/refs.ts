import type {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deposits,
  epochGrants,
  epochs,
  nodeEpochs,
  nodes,
  nodeWork,
  parameters,
  prices,
  services,
  settlements,
} from "../store/schema.ts";
import type { Builder } from "./builder.ts";
import { createConnections } from "./connection.ts";
import type { Earning } from "./earnings.ts";
import type { Certificate } from "./types/certificate.ts";

export type Refs = ReturnType<typeof createRefs>;

/** Every object type by name, before any of them has fields: they refer to each other. */
export function createRefs(builder: Builder) {
  const connection = createConnections(builder);
  const account = builder.objectRef<typeof accounts.$inferSelect>("Account");
  const accountEpoch = builder.objectRef<typeof accountEpochs.$inferSelect>("AccountEpoch");
  const node = builder.objectRef<typeof nodes.$inferSelect>("Node");
  const nodeEpoch = builder.objectRef<typeof nodeEpochs.$inferSelect>("NodeEpoch");
  const epoch = builder.objectRef<typeof epochs.$inferSelect>("Epoch");
  const settlement = builder.objectRef<typeof settlements.$inferSelect>("Settlement");
  const claim = builder.objectRef<typeof claims.$inferSelect>("Claim");
  const deposit = builder.objectRef<typeof deposits.$inferSelect>("Deposit");
  const block = builder.objectRef<typeof blocks.$inferSelect>("Block");
  return {
    account,
    accountEpoch,
    node,
    nodeEpoch,
    epoch,
    settlement,
    claim,
    deposit,
    block,
    epochGrant: builder.objectRef<typeof epochGrants.$inferSelect>("EpochGrant"),
    work: builder.objectRef<typeof nodeWork.$inferSelect>("Work"),
    service: builder.objectRef<typeof services.$inferSelect>("Service"),
    certificate: builder.objectRef<Certificate>("Certificate"),
    earning: builder.objectRef<Earning>("Earning"),
    price: builder.objectRef<typeof prices.$inferSelect>("Price"),
    parameter: builder.objectRef<typeof parameters.$inferSelect>("Parameter"),
    finality: builder.enumType("Finality", {
      description:
        "COMMITTED: certified by the committee of the protocol chain. SETTLED: posted on the L2 with the same digest, waiting to become active. FINAL: active on the L2, so that it can be claimed, in a block that is final. Only a verified epoch is SETTLED or FINAL.",
      values: ["COMMITTED", "SETTLED", "FINAL"] as const,
    }),
    settlementState: builder.enumType("SettlementState", {
      description:
        "PENDING: posted, active from activatesAt on. HELD: waits for governance. ACTIVE: claims go against it, or a later one. VOIDED: set aside by a restart.",
      values: ["PENDING", "HELD", "ACTIVE", "VOIDED"] as const,
    }),
    holdReason: builder.enumType("HoldReason", {
      description:
        "Why a settlement is held. VETO: by the guardian. COMMITTEE: its next committee was challenged.",
      values: [
        "STABLE_LIMIT",
        "FLK_LIMIT",
        "TOTALS",
        "CLOSE_TIME",
        "NO_COMMITTEE",
        "VETO",
        "COMMITTEE",
        "INSOLVENT",
      ] as const,
    }),
    accounts: connection(account),
    accountEpochs: connection(accountEpoch),
    nodes: connection(node),
    nodeEpochs: connection(nodeEpoch),
    epochs: connection(epoch),
    settlements: connection(settlement),
    claims: connection(claim),
    deposits: connection(deposit),
    blocks: connection(block),
  };
}
