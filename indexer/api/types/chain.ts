import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { ofBlock, ofEpoch, ofNode } from "./fields.ts";

/** What transactions of the protocol chain did. */
export function addChain(builder: Builder, refs: Refs): void {
  addTransaction(builder, refs);
  addMovements(refs);
  addSession(refs);
  addLane(refs);
  addMeasurement(refs);
}

function addTransaction(builder: Builder, refs: Refs): void {
  const kind = builder.enumType("TransactionKind", {
    values: [
      "TRANSFER",
      "WITHDRAW",
      "AUTHORIZE_SESSION",
      "REVOKE_SESSION",
      "SUBMIT_ACKS",
      "OPT_IN",
      "OPT_OUT",
      "RESERVE",
      "SUBMIT_REPUTATION",
      "UNREADABLE",
    ] as const,
  });
  type Kind = (typeof kind)["$inferType"];
  refs.transaction.implement({
    description: "A transaction of the protocol chain, applied or rejected.",
    fields: (t) => ({
      id: t.expose("id", { type: "Hex", description: "The same bytes may be ordered more than once." }),
      position: t.exposeInt("position", { description: "Within its block." }),
      kind: t.field({ type: kind, resolve: (row) => row.kind as Kind }),
      status: t.exposeString("status", { description: "OK, or the code of its rejection." }),
      account: t.expose("account", {
        type: "Address",
        nullable: true,
        description: "Who signed it, of an applied one.",
      }),
      nodeId: t.expose("node", {
        type: "Int",
        nullable: true,
        description: "Which node signed it, of an applied one.",
      }),
      ...ofBlock(t, refs),
    }),
  });
}

function addMovements(refs: Refs): void {
  refs.transfer.implement({
    description: "Stablecoin that moved between balances of the protocol chain.",
    fields: (t) => ({
      from: t.expose("from", { type: "Address" }),
      to: t.expose("to", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC" }),
      txId: t.expose("txId", { type: "Hex" }),
      ...ofBlock(t, refs),
    }),
  });
  refs.withdrawal.implement({
    description: "Balance that became payout, claimable on the L2 once the epoch is final.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC" }),
      txId: t.expose("txId", {
        type: "Hex",
        nullable: true,
        description: "Null when it was asked for on the L2.",
      }),
      ...ofBlock(t, refs),
    }),
  });
}

function addSession(refs: Refs): void {
  refs.session.implement({
    description: "A key that may acknowledge deliveries for an account, and let others.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      key: t.expose("key", { type: "Hex", description: "Ed25519." }),
      limit: t.expose("limit", { type: "USDC", description: "Per epoch." }),
      expiryEpoch: t.expose("expiryEpoch", {
        type: "Counter",
        description: "The last epoch in which it serves; that of its revocation when it was revoked before.",
      }),
      revokedHeight: t.expose("revokedHeight", { type: "Counter", nullable: true }),
      revokedTx: t.expose("revokedTx", { type: "Hex", nullable: true }),
      txId: t.expose("txId", { type: "Hex", description: "That authorised it." }),
      ...ofBlock(t, refs),
    }),
  });
}

function addLane(refs: Refs): void {
  refs.lane.implement({
    description: "What was paid for the acknowledgements of one lane. Late ones are paid in the next epoch.",
    fields: (t) => ({
      id: t.expose("id", { type: "Hex", description: "As nodes name it." }),
      account: t.expose("account", { type: "Address" }),
      session: t.expose("session", { type: "Hex" }),
      lane: t.expose("lane", { type: "Counter" }),
      ...ofNode(t, refs),
      service: t.exposeInt("service"),
      commodity: t.exposeInt("commodity", { description: "0: bandwidth in bytes, 1: compute in ms." }),
      deliveries: t.expose("deliveries", { type: "Counter" }),
      units: t.expose("units", { type: "Units" }),
      revenue: t.expose("revenue", { type: "USDC" }),
      height: t.expose("height", {
        type: "Counter",
        description: "Block of the protocol chain with the newest payment.",
      }),
      ...ofEpoch(t, refs),
    }),
  });
  refs.delivery.implement({
    description: "What one client paid one node in one epoch, for one service and commodity.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      ...ofNode(t, refs),
      service: t.exposeInt("service"),
      commodity: t.exposeInt("commodity", { description: "0: bandwidth in bytes, 1: compute in ms." }),
      deliveries: t.expose("deliveries", { type: "Counter" }),
      units: t.expose("units", { type: "Units" }),
      lanes: t.expose("lanes", { type: "Counter", description: "That were paid for the first time." }),
      revenue: t.expose("revenue", { type: "USDC", description: "Before the split." }),
      ...ofEpoch(t, refs),
    }),
  });
}

function addMeasurement(refs: Refs): void {
  refs.measurement.implement({
    description: "What one node reported of another; what the network made of it is a ReputationScore.",
    fields: (t) => ({
      reporter: t.exposeInt("reporter", { description: "Node." }),
      subject: t.exposeInt("subject", { description: "Node." }),
      probes: t.exposeInt("probes"),
      reached: t.exposeInt("reached", { description: "Probes that were answered." }),
      answered: t.expose("answered", { type: "Counter", description: "Requests that went well." }),
      failed: t.expose("failed", { type: "Counter", description: "Requests without an answer." }),
      wrong: t.expose("wrong", {
        type: "Counter",
        description: "Requests whose answer was not what was asked for.",
      }),
      latencyUs: t.expose("latencyUs", {
        type: "Counter",
        description: "Median round trip, microseconds; 0: not measured.",
      }),
      throughput: t.expose("throughput", {
        type: "Counter",
        description: "KiB per second; 0: not measured.",
      }),
      height: t.expose("height", { type: "Counter" }),
      ...ofEpoch(t, refs),
    }),
  });
  refs.reputationScore.implement({
    description: "Reputation of a node in an epoch, and its parts of 10000, by the verified report.",
    fields: (t) => ({
      ...ofNode(t, refs),
      score: t.exposeInt("reputation", { description: "0–100." }),
      latency: t.exposeInt("latency"),
      uptime: t.exposeInt("uptime"),
      throughput: t.exposeInt("throughput"),
      success: t.exposeInt("success"),
      trust: t.exposeInt("trust"),
      credibility: t.exposeInt("credibility"),
      reporters: t.exposeInt("reporters"),
      outByFloor: t.exposeBoolean("outByFloor"),
      ...ofEpoch(t, refs),
    }),
  });
}
