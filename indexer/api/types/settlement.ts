import type { settlements } from "../../store/schema.ts";
import { finalityOf } from "../finality.ts";
import type { Refs } from "../refs.ts";
import { stateOf } from "../settlement-state.ts";
import { ofCommittee } from "../work.ts";
import { certificateOf } from "./certificate.ts";
import { type Fields, ofLog } from "./fields.ts";

type SettlementRow = typeof settlements.$inferSelect;

/** In the order of the HELD_ bits of EpochSettlement. */
const HOLD_REASONS = [
  "STABLE_LIMIT",
  "FLK_LIMIT",
  "TOTALS",
  "CLOSE_TIME",
  "NO_COMMITTEE",
  "VETO",
  "COMMITTEE",
  "INSOLVENT",
] as const;

function heldFor(holds: number) {
  return HOLD_REASONS.filter((_, bit) => (holds >> bit) % 2 === 1);
}

export function addSettlement(refs: Refs): void {
  addSettlementEvent(refs);
  refs.settlement.implement({
    description:
      "A settlement on the L2, from its events: now, or with `atEpoch` at the close of that epoch. `finality`, `certificate` and `history` are of now.",
    fields: (t) => ({
      state: t.field({
        type: refs.settlementState,
        description:
          "By events in final L2 blocks; PENDING, too, when `activatesAt` has gone by and nobody made it active.",
        resolve: stateOf,
      }),
      heldFor: t.field({
        type: [refs.holdReason],
        description:
          "Every reason that holds it, or held it when it was voided; none when nothing does or did.",
        resolve: ({ holds }) => heldFor(holds),
      }),
      activatesAt: t.expose("activatesAt", {
        type: "Counter",
        description: "Unix seconds from which on anyone may make it active, while nothing holds it.",
      }),
      activatedBlock: t.expose("activatedBlock", {
        type: "Counter",
        nullable: true,
        description: "Number of the L2 block that made it active; null while it is not.",
      }),
      activatedTx: t.expose("activatedTx", {
        type: "Hex",
        nullable: true,
        description: "Hash of the L2 transaction that made it active; null while it is not.",
      }),
      flkMinted: t.expose("flkMinted", {
        type: "FLK",
        nullable: true,
        description:
          "Minted when it became active; less than the epoch granted while the ceiling of the token holds some back. Null while it is not active.",
      }),
      ...ofStatement(t),
      txHash: t.expose("txHash", { type: "Hex", description: "Hash of the L2 transaction that posted it." }),
      block: t.expose("block", { type: "Counter", description: "Number of the L2 block that posted it." }),
      gasUsed: t.expose("gasUsed", {
        type: "Units",
        description: "L2 gas of the whole transaction that posted it.",
      }),
      time: t.expose("time", {
        type: "Counter",
        description: "When it was posted: Unix ms of the L2 block.",
      }),
      certificate: t.field({
        ...ofCommittee,
        type: refs.certificate,
        nullable: true,
        description:
          "Of the committee, for the same digest; null when the chain that is followed has none for it.",
        resolve: async (row, _, { loaders }) => {
          const epoch = await loaders.epoch(row.epoch);
          return epoch?.digest === row.digest ? certificateOf(epoch) : null;
        },
      }),
      finality: t.field({
        type: refs.finality,
        description: "Of its epoch, if that was settled with this digest; COMMITTED when it was not.",
        resolve: async (row, _, context) => {
          const epoch = await context.loaders.epoch(row.epoch);
          return epoch?.digest === row.digest ? finalityOf(epoch, context) : "COMMITTED";
        },
      }),
      history: t.field({
        type: [refs.settlementEvent],
        description: "What became of it, oldest first.",
        resolve: async (row, _, { loaders }) => (await loaders.settlementEvents(row.epoch)) ?? [],
      }),
    }),
  });
}

/** What the committee signed. */
function ofStatement(t: Fields<SettlementRow>) {
  return {
    epoch: t.exposeInt("epoch", {
      description: "Number of the epoch that it settles: there is at most one of each.",
    }),
    digest: t.expose("digest", {
      type: "Hex",
      description:
        "keccak256 of the ABI encoding of its EIP-712 type hash and its fields: what the committee signs.",
    }),
    previous: t.expose("previous", {
      type: "Hex",
      description: "Digest of the settlement before, or of the start of the network.",
    }),
    closeTime: t.expose("closeTime", {
      type: "Counter",
      description: "When the epoch closed: Unix ms, by the committee.",
    }),
    l2Number: t.expose("l2Number", {
      type: "Counter",
      description: "Number of the L2 block up to which the epoch had applied what the L2 says.",
    }),
    l2Hash: t.expose("l2Hash", { type: "Hex", description: "Hash of the L2 block `l2Number`." }),
    stateRoot: t.expose("stateRoot", {
      type: "Hex",
      description: "SSZ root of the protocol chain's state at the close.",
    }),
    payoutRoot: t.expose("payoutRoot", {
      type: "Hex",
      description: "Merkle root of all cumulative payouts: claims are proved against it.",
    }),
    balanceRoot: t.expose("balanceRoot", {
      type: "Hex",
      description: "Merkle root of all balances: escapes from a frozen vault are proved against it.",
    }),
    reportHash: t.expose("reportHash", {
      type: "Hex",
      description: "keccak256 of the report of the epoch, which nodes serve as SSZ.",
    }),
    totalBalances: t.expose("totalBalances", {
      type: "USDC",
      description: "Sum of all balances at the close.",
    }),
    totalPayoutStable: t.expose("totalPayoutStable", {
      type: "USDC",
      description: "Sum of all cumulative payouts at the close, claimed or not.",
    }),
    totalPayoutFlk: t.expose("totalPayoutFlk", {
      type: "FLK",
      description: "Sum of all cumulative payouts at the close, claimed or not.",
    }),
    slashListHash: t.expose("slashListHash", {
      type: "Hex",
      description: "Hash of the list of slashes that the committee decided with it.",
    }),
    nextCommitteeHash: t.expose("nextCommitteeHash", {
      type: "Hex",
      description: "Hash of the committee that certifies the next epoch.",
    }),
  };
}

function addSettlementEvent(refs: Refs): void {
  refs.settlementEvent.implement({
    description: "Something happened to a settlement.",
    fields: (t) => ({
      epoch: t.exposeInt("epoch", { description: "Number of the epoch that the settlement is of." }),
      kind: t.exposeString("kind", { description: "POSTED, HELD, RELEASED, ACTIVATED or VOIDED." }),
      heldFor: t.field({
        type: [refs.holdReason],
        description: "Every reason that holds it from then on; none when nothing does.",
        resolve: ({ holds }) => heldFor(holds),
      }),
      ...ofLog(t, refs),
    }),
  });
}
