import type { Builder } from "../builder.ts";
import type { Refs } from "../refs.ts";
import { ofBlock, ofCommodity, ofEpoch, ofNode, ofStanding } from "./fields.ts";

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
    description: "What a transaction of the protocol chain asks for.",
    values: {
      TRANSFER: { description: "An account moves balance to another." },
      WITHDRAW: { description: "An account turns balance into payout, to claim it on the L2." },
      AUTHORIZE_SESSION: { description: "An account lets a key acknowledge deliveries for it." },
      REVOKE_SESSION: { description: "An account takes that back." },
      SUBMIT_ACKS: { description: "A node hands in acknowledgements of deliveries, to be paid." },
      OPT_IN: { description: "A node wants to be drawn into committees." },
      OPT_OUT: { description: "A node does not want to be drawn into committees." },
      RESERVE: { description: "A node hands in what a session key reserved for it." },
      SUBMIT_REPUTATION: { description: "A node reports what it measured of others." },
      UNREADABLE: { description: "Bytes that are no transaction: ordered, and rejected." },
    } as const,
  });
  type Kind = (typeof kind)["$inferType"];
  refs.transaction.implement({
    description: "A transaction of the protocol chain, applied or rejected.",
    fields: (t) => ({
      id: t.expose("id", {
        type: "Hex",
        description: "BLAKE3 of its SSZ bytes; the same may be ordered more than once.",
      }),
      position: t.exposeInt("position", { description: "Place within its block, from 0." }),
      kind: t.field({
        type: kind,
        description: "What it asks for, whether or not it was applied.",
        resolve: (row) => row.kind as Kind,
      }),
      status: t.exposeString("status", { description: "OK, or the code of its rejection." }),
      account: t.expose("account", {
        type: "Address",
        nullable: true,
        description: "The account that signed it; null when a node did, and of a rejected one.",
      }),
      nodeId: t.expose("node", {
        type: "Int",
        nullable: true,
        description: "Id of the node that signed it; null when an account did, and of a rejected one.",
      }),
      ...ofBlock(t, refs),
    }),
  });
}

function addMovements(refs: Refs): void {
  refs.transfer.implement({
    description: "Stablecoin that moved between balances of the protocol chain.",
    fields: (t) => ({
      from: t.expose("from", {
        type: "Address",
        description: "Account that signed it, whose balance it was.",
      }),
      to: t.expose("to", { type: "Address", description: "Account that got it." }),
      amount: t.expose("amount", { type: "USDC", description: "That moved." }),
      txId: t.expose("txId", { type: "Hex", description: "`Transaction.id` of the transfer." }),
      ...ofBlock(t, refs),
    }),
  });
  refs.withdrawal.implement({
    description: "Balance that became payout, claimable on the L2 once the epoch is final.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Whose balance and payout it is." }),
      amount: t.expose("amount", { type: "USDC", description: "That left the balance." }),
      txId: t.expose("txId", {
        type: "Hex",
        nullable: true,
        description: "`Transaction.id` of what asked for it; null when it was asked for on the L2.",
      }),
      ...ofBlock(t, refs),
    }),
  });
}

function addSession(refs: Refs): void {
  refs.session.implement({
    description: "A key that may acknowledge deliveries for an account, and let others.",
    fields: (t) => ({
      account: t.expose("account", {
        type: "Address",
        description: "Who pays for what the key acknowledges.",
      }),
      key: t.expose("key", { type: "Hex", description: "Ed25519 public key, 32 bytes." }),
      limit: t.expose("limit", { type: "USDC", description: "The most that it may spend in one epoch." }),
      expiryEpoch: t.expose("expiryEpoch", {
        type: "Counter",
        description: "The last epoch in which it serves; that of its revocation when it was revoked before.",
      }),
      revokedHeight: t.expose("revokedHeight", {
        type: "Counter",
        nullable: true,
        description: "Block of the protocol chain that revoked it; null while none has.",
      }),
      revokedTx: t.expose("revokedTx", {
        type: "Hex",
        nullable: true,
        description: "`Transaction.id` of its revocation; null while there is none.",
      }),
      txId: t.expose("txId", { type: "Hex", description: "`Transaction.id` of what authorised it." }),
      ...ofBlock(t, refs),
    }),
  });
}

function addLane(refs: Refs): void {
  refs.lane.implement({
    description: "What was paid for the acknowledgements of one lane. Late ones are paid in the next epoch.",
    fields: (t) => ({
      id: t.expose("id", {
        type: "Hex",
        description:
          "As nodes name it: BLAKE3 of epoch, account, session, lane, node, service and commodity.",
      }),
      account: t.expose("account", { type: "Address", description: "Who paid." }),
      session: t.expose("session", { type: "Hex", description: "Ed25519 public key that acknowledged." }),
      lane: t.expose("lane", {
        type: "Counter",
        description: "Number that the client gave it, among those of its session and node in the epoch.",
      }),
      ...ofNode(t, refs),
      ...ofCommodity(t),
      deliveries: t.expose("deliveries", {
        type: "Counter",
        description: "Deliveries in it that were paid.",
      }),
      units: t.expose("units", {
        type: "Units",
        description: "Units that were paid, in those of its commodity; of a payment in part what it reached.",
      }),
      revenue: t.expose("revenue", { type: "USDC", description: "Paid by the client, before the split." }),
      height: t.expose("height", {
        type: "Counter",
        description: "Block of the protocol chain with the newest payment.",
      }),
      ...ofEpoch(t, refs, "Number of the epoch that its acknowledgements are of."),
    }),
  });
  refs.delivery.implement({
    description: "What one client paid one node in one epoch, for one service and commodity.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "The client: who paid." }),
      ...ofNode(t, refs),
      ...ofCommodity(t),
      deliveries: t.expose("deliveries", {
        type: "Counter",
        description: "How many were paid in the epoch.",
      }),
      units: t.expose("units", {
        type: "Units",
        description: "Units that were paid in the epoch, in those of its commodity.",
      }),
      lanes: t.expose("lanes", { type: "Counter", description: "That were paid for the first time." }),
      revenue: t.expose("revenue", { type: "USDC", description: "Before the split." }),
      ...ofEpoch(
        t,
        refs,
        "Number of the epoch that paid: late acknowledgements count in the one after theirs.",
      ),
    }),
  });
}

function addMeasurement(refs: Refs): void {
  refs.measurement.implement({
    description: "What one node reported of another; what the network made of it is a ReputationScore.",
    fields: (t) => ({
      reporter: t.exposeInt("reporter", { description: "Id of the node that measured." }),
      subject: t.exposeInt("subject", { description: "Id of the node that was measured." }),
      probes: t.exposeInt("probes", { description: "Signs of life that were asked for in the epoch." }),
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
      height: t.expose("height", {
        type: "Counter",
        description: "Block of the protocol chain with the report.",
      }),
      ...ofEpoch(t, refs, "Number of the epoch that was measured."),
    }),
  });
  refs.reputationScore.implement({
    description: "Reputation of a node in an epoch, and its parts of 10000, by the verified report.",
    fields: (t) => ({
      ...ofNode(t, refs),
      score: t.exposeInt("reputation", {
        description:
          "0–100: the product of success, uptime and trust, and of latency and throughput by a quarter.",
      }),
      owner: t.expose("owner", { type: "Address", description: "Who owned it at the close of the epoch." }),
      ...ofStanding(t),
      ...ofEpoch(t, refs, "Number of the epoch at whose close it was given."),
    }),
  });
}
