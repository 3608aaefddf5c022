import type { Refs } from "../refs.ts";
import { readEarning } from "./account.ts";
import { ofEpoch, ofLog } from "./fields.ts";

const PAID = "Paid to the account by this claim and all before it.";

/** Money that moved on the L2. */
export function addMoney(refs: Refs): void {
  refs.deposit.implement({
    description: "A top-up on the L2, by whomever.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Whose deposit it is." }),
      from: t.expose("from", { type: "Address", description: "Who paid it." }),
      amount: t.expose("amount", { type: "USDC", description: "That came into the vault." }),
      total: t.expose("total", {
        type: "USDC",
        description: "Cumulative deposits of the account after this one.",
      }),
      ...ofLog(t, refs),
    }),
  });
  refs.claim.implement({
    description: "A payment of the settlement contract to an account.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Whose payouts were claimed." }),
      payee: t.expose("payee", { type: "Address", description: "Who got it." }),
      stable: t.expose("stable", { type: "USDC", description: "Paid by this claim." }),
      flk: t.expose("flk", { type: "FLK", description: "Paid by this claim." }),
      cumulativeStable: t.expose("cumulativeStable", { type: "USDC", description: PAID }),
      cumulativeFlk: t.expose("cumulativeFlk", { type: "FLK", description: PAID }),
      ...ofLog(t, refs),
    }),
  });
  addExits(refs);
  addPayout(refs);
}

function addExits(refs: Refs): void {
  refs.withdrawRequest.implement({
    description:
      "A withdrawal that was asked for on the L2; what the protocol chain paid of it is a Withdrawal.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Whose balance is asked for." }),
      amount: t.expose("amount", { type: "USDC", description: "Or all that is there, if that is less." }),
      ...ofLog(t, refs),
    }),
  });
  refs.escape.implement({
    description: "Money that left the vault by the escape hatch, while the settlement was frozen.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Whose money it was." }),
      amount: t.expose("amount", {
        type: "USDC",
        description: "Paid out: the balance, and deposits after it.",
      }),
      balance: t.expose("balance", { type: "USDC", description: "Of it: the balance that was proven." }),
      depositsCounted: t.expose("depositsCounted", {
        type: "USDC",
        description: "Cumulative deposits with which the protocol chain takes the account as emptied.",
      }),
      ...ofLog(t, refs),
    }),
  });
  refs.tokenTransfer.implement({
    description: "FLK that moved on the L2; minted from and burned to the zero address.",
    fields: (t) => ({
      from: t.expose("from", { type: "Address", description: "Whose FLK it was; the zero address: minted." }),
      to: t.expose("to", { type: "Address", description: "Who got it; the zero address: burned." }),
      amount: t.expose("amount", { type: "FLK", description: "That moved." }),
      ...ofLog(t, refs),
    }),
  });
}

function addPayout(refs: Refs): void {
  refs.payout.implement({
    description: "What an account is owed in all at the close of a verified epoch: a leaf of its payoutRoot.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address", description: "Who is owed it." }),
      stable: t.expose("payoutStable", { type: "USDC", description: "Cumulative, claims not taken off." }),
      flk: t.expose("payoutFlk", { type: "FLK", description: "Cumulative, claims not taken off." }),
      earning: t.field({
        type: refs.earning,
        nullable: true,
        description: "What came with this epoch; null while it is not verified.",
        resolve: readEarning,
      }),
      ...ofEpoch(t, refs, "Number of the epoch whose close it is of."),
    }),
  });
}
