import fc from "fast-check";
import { NO_SETTLEMENT, toL2Committee, toL2Settlement } from "#protocol/digests/settlement.ts";
import { balanceProof, payoutProof } from "#protocol/digests/trees.ts";
import { type Action, action } from "./action.ts";
import type { Books } from "./books.ts";
import type { BridgeLedger } from "./bridge-ledger.ts";
import { at } from "./ledger.ts";
import { NOBODY } from "./registry-ledger.ts";

export const client = fc.nat({ max: 2 });

const deposit = fc.record({ who: client, amount: fc.bigInt({ min: 1n, max: 500_000_000n }) });
export const deposits = deposit.map(({ who, amount }) =>
  action(`deposit(${who}, ${amount})`, ({ bridge }, { clients, contracts }) => {
    const from = at(clients, who);
    const call = { ...contracts.vault, functionName: "deposit", args: [from, amount] };
    return { from, call, books: () => bridge.deposit(who, amount) };
  }),
);

export const activate = (waits: boolean): Action =>
  action(
    `activate(${waits ? "when due" : "now"})`,
    ({ bridge }, { contracts, outsider }) => {
      const args = [toL2Settlement(at(bridge.pending, 0).settlement)];
      const call = { ...contracts.settlement, functionName: "activate", args };
      return { from: outsider, call, books: () => bridge.activate() };
    },
    {
      when: ({ bridge }) => bridge.pending.length > 0,
      waits: ({ bridge }) => (waits ? (bridge.pending[0]?.activatesAt ?? 0) : 0),
    },
  );

export const claim = (who: number): Action =>
  action(`claim(${who})`, ({ bridge }, { contracts, outsider, clients }) => {
    const found = payoutProof(bridge.payouts(bridge.active.state), at(bridge.accounts, who));
    const args = [at(clients, who), found?.entry.stable, found?.entry.flk, found?.proof];
    const call = { ...contracts.settlement, functionName: "claim", args };
    return { from: outsider, call, books: () => bridge.claim(who) };
  });

export const payees = fc.record({ who: client, redirected: fc.boolean() }).map(({ who, redirected }) =>
  action(`setPayee(${who}, ${redirected})`, ({ bridge }, { contracts, clients, payees }) => {
    const args = [redirected ? at(payees, who) : NOBODY];
    const call = { ...contracts.settlement, functionName: "setPayee", args };
    const books = () => {
      at(bridge.outside, who).hasPayee = redirected;
      return undefined;
    };
    return { from: at(clients, who), call, books };
  }),
);

/** Of one that waits, or of the next, which does not exist. */
export const which = fc.nat({ max: 3 });
export const epochOf = ({ bridge }: Books, index: number): number =>
  bridge.firstPending + Math.min(index, bridge.pending.length);

export const vetoes = which.map((index) =>
  action(`veto(${index})`, (all, { contracts, l2 }) => {
    const epoch = epochOf(all, index);
    const call = { ...contracts.settlement, functionName: "veto", args: [BigInt(epoch)] };
    return { from: l2.deployment.guardian, call, books: () => all.bridge.veto(epoch) };
  }),
);

export const releases = which.map((index) =>
  action(`release(${index})`, (all, { contracts, governance }) => {
    const epoch = epochOf(all, index);
    const call = { ...contracts.settlement, functionName: "release", args: [BigInt(epoch)] };
    return { from: governance, call, books: () => all.bridge.release(epoch) };
  }),
);

function openingOf({ active, pending }: BridgeLedger) {
  const [first] = pending;
  return {
    active: active.settlement ? toL2Settlement(active.settlement) : NO_SETTLEMENT,
    firstPending: first ? toL2Settlement(first.settlement) : NO_SETTLEMENT,
  };
}

export const freezes = fc.boolean().map((waits) =>
  action(
    `freeze(${waits ? "when open" : "now"})`,
    ({ bridge }, { contracts, outsider }) => {
      const call = { ...contracts.settlement, functionName: "freeze", args: [openingOf(bridge)] };
      return { from: outsider, call, books: () => bridge.freeze() };
    },
    { waits: ({ bridge }) => (waits ? bridge.lastActivatedAt + bridge.terms.escapeDelay : 0) },
  ),
);

export const restart = (waits: boolean, ahead: number): Action =>
  action(
    `restart(${waits ? "when open" : "now"}, ${ahead})`,
    ({ bridge }, { contracts, governance }) => {
      const { next } = bridge.base;
      if (!next) throw new Error("no committee to restart with");
      const resumeEpoch = bridge.nextEpoch + ahead;
      const args = [openingOf(bridge), toL2Committee(next), BigInt(resumeEpoch)];
      const call = { ...contracts.settlement, functionName: "restart", args };
      return { from: governance, call, books: () => bridge.restart(next, resumeEpoch) };
    },
    {
      when: ({ bridge }) => bridge.base.next !== undefined,
      waits: ({ bridge }) => (waits && bridge.frozen ? bridge.frozenAt + bridge.terms.exitWindow : 0),
    },
  );

export const recover = (waits: boolean, ahead: number): Action =>
  action(
    `recover(${waits ? "when open" : "now"}, ${ahead})`,
    ({ bridge }, { contracts, governance }) => {
      const resumeEpoch = bridge.nextEpoch + ahead;
      const committee = toL2Committee({ ...bridge.genesis, epoch: resumeEpoch });
      const args = [openingOf(bridge), committee, BigInt(resumeEpoch)];
      const call = { ...contracts.settlement, functionName: "recover", args };
      return { from: governance, call, books: () => bridge.recover(resumeEpoch) };
    },
    { waits: ({ bridge }) => (waits ? recoveryOpens(bridge) : 0) },
  );

function recoveryOpens({ lastActivatedAt, terms, frozen, frozenAt }: BridgeLedger): number {
  return Math.max(lastActivatedAt + terms.recoveryDelay, frozen ? frozenAt + terms.exitWindow : 0);
}

export const escapes = client.map((who) =>
  action(`escape(${who})`, ({ bridge }, { contracts, outsider, clients }) => {
    const found = balanceProof(bridge.balances(bridge.active.state), at(bridge.accounts, who));
    const args = [at(clients, who), found?.entry.balance, found?.entry.depositsSeen, found?.proof];
    const call = { ...contracts.vault, functionName: "escape", args };
    return { from: outsider, call, books: () => bridge.escape(who) };
  }),
);

export const escapesUnseen = client.map((who) =>
  action(`escapeUnseen(${who})`, ({ bridge }, { contracts, outsider, clients }) => {
    const call = { ...contracts.vault, functionName: "escapeUnseen", args: [at(clients, who)] };
    return { from: outsider, call, books: () => bridge.escapeUnseen(who) };
  }),
);
