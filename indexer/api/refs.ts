import type {
  accountEpochs,
  accounts,
  blocks,
  claims,
  deposits,
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
    work: builder.objectRef<typeof nodeWork.$inferSelect>("Work"),
    service: builder.objectRef<typeof services.$inferSelect>("Service"),
    price: builder.objectRef<typeof prices.$inferSelect>("Price"),
    parameter: builder.objectRef<typeof parameters.$inferSelect>("Parameter"),
    finality: builder.enumType("Finality", {
      description:
        "COMMITTED: certified by the committee of the protocol chain. SETTLED: posted on the L2 with the same digest. FINAL: that block of the L2 is final. Only a verified epoch is SETTLED or FINAL.",
      values: ["COMMITTED", "SETTLED", "FINAL"] as const,
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
