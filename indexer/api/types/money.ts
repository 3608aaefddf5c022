import type { Refs } from "../refs.ts";
import { readEarning } from "./account.ts";
import { ofEpoch, ofLog } from "./fields.ts";

/** Money that moved on the L2. */
export function addMoney(refs: Refs): void {
  refs.deposit.implement({
    description: "A top-up on the L2, by whomever.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      from: t.expose("from", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC" }),
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
      account: t.expose("account", { type: "Address" }),
      payee: t.expose("payee", { type: "Address", description: "Who got it." }),
      stable: t.expose("stable", { type: "USDC" }),
      flk: t.expose("flk", { type: "FLK" }),
      cumulativeStable: t.expose("cumulativeStable", { type: "USDC" }),
      cumulativeFlk: t.expose("cumulativeFlk", { type: "FLK" }),
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
      account: t.expose("account", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC", description: "Or all that is there, if that is less." }),
      ...ofLog(t, refs),
    }),
  });
  refs.escape.implement({
    description: "Money that left the vault by the escape hatch, while the settlement was frozen.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      amount: t.expose("amount", { type: "USDC" }),
      balance: t.expose("balance", { type: "USDC", description: "Of it: the balance that was proven." }),
      depositsCounted: t.expose("depositsCounted", { type: "USDC" }),
      ...ofLog(t, refs),
    }),
  });
  refs.tokenTransfer.implement({
    description: "FLK that moved on the L2; minted from and burned to the zero address.",
    fields: (t) => ({
      from: t.expose("from", { type: "Address" }),
      to: t.expose("to", { type: "Address" }),
      amount: t.expose("amount", { type: "FLK" }),
      ...ofLog(t, refs),
    }),
  });
}

function addPayout(refs: Refs): void {
  refs.payout.implement({
    description: "What an account is owed in all at the close of a verified epoch: a leaf of its payoutRoot.",
    fields: (t) => ({
      account: t.expose("account", { type: "Address" }),
      stable: t.expose("payoutStable", { type: "USDC", description: "Cumulative." }),
      flk: t.expose("payoutFlk", { type: "FLK", description: "Cumulative." }),
      earning: t.field({
        type: refs.earning,
        nullable: true,
        description: "What came with this epoch.",
        resolve: readEarning,
      }),
      ...ofEpoch(t, refs),
    }),
  });
}
