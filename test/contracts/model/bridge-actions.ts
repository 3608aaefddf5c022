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
  action(`deposit(${who}, ${amount})`, {
    books: ({ bridge }) => bridge.deposit(who, amount),
    call: (_, { clients, contracts }) => {
      const [from, args] = [at(clients, who), [at(clients, who), amount]];
      return { from, call: { ...contracts.vault, functionName: "deposit", args } };
    },
  }),
);

export const activate = (waits: boolean): Action =>
  action(`activate(${waits ? "when due" : "now"})`, {
    when: ({ bridge }) => bridge.pending.length > 0,
    waits: ({ bridge }) => (waits ? (bridge.pending[0]?.activatesAt ?? 0) : 0),
    books: ({ bridge }) => bridge.activate(),
    call: ({ bridge }, { contracts, outsider }) => {
      const args = [toL2Settlement(at(bridge.pending, 0).settlement)];
      return { from: outsider, call: { ...contracts.settlement, functionName: "activate", args } };
    },
  });

export const claim = (who: number): Action =>
  action(`claim(${who})`, {
    books: ({ bridge }) => bridge.claim(who),
    call: ({ bridge }, { contracts, outsider, clients }) => {
      const found = payoutProof(bridge.payouts(bridge.active.state), at(bridge.accounts, who));
      const args = [at(clients, who), found?.entry.stable, found?.entry.flk, found?.proof];
      return { from: outsider, call: { ...contracts.settlement, functionName: "claim", args } };
    },
  });

export const payees = fc.record({ who: client, redirected: fc.boolean() }).map(({ who, redirected }) =>
  action(`setPayee(${who}, ${redirected})`, {
    books: ({ bridge }) => {
      at(bridge.outside, who).hasPayee = redirected;
      return undefined;
    },
    call: (_, { contracts, clients, payees }) => {
      const args = [redirected ? at(payees, who) : NOBODY];
      return { from: at(clients, who), call: { ...contracts.settlement, functionName: "setPayee", args } };
    },
  }),
);

/** Of one that waits, or of the next, which does not exist. */
export const which = fc.nat({ max: 3 });
export const epochOf = ({ bridge }: Books, index: number): number =>
  bridge.firstPending + Math.min(index, bridge.pending.length);

export const vetoes = which.map((index) =>
  action(`veto(${index})`, {
    books: (books) => books.bridge.veto(epochOf(books, index)),
    call: (books, { contracts, l2 }) => {
      const args = [BigInt(epochOf(books, index))];
      const from = l2.deployment.guardian;
      return { from, call: { ...contracts.settlement, functionName: "veto", args } };
    },
  }),
);

export const releases = which.map((index) =>
  action(`release(${index})`, {
    books: (books) => books.bridge.release(epochOf(books, index)),
    call: (books, { contracts, governance }) => {
      const args = [BigInt(epochOf(books, index))];
      return { from: governance, call: { ...contracts.settlement, functionName: "release", args } };
    },
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
  action(`freeze(${waits ? "when open" : "now"})`, {
    waits: ({ bridge }) => (waits ? bridge.lastActivatedAt + bridge.terms.escapeDelay : 0),
    books: ({ bridge }) => bridge.freeze(),
    call: ({ bridge }, { contracts, outsider }) => {
      const args = [openingOf(bridge)];
      return { from: outsider, call: { ...contracts.settlement, functionName: "freeze", args } };
    },
  }),
);

export const restart = (waits: boolean, ahead: number): Action =>
  action(`restart(${waits ? "when open" : "now"}, ${ahead})`, {
    when: ({ bridge }) => bridge.base.next !== undefined,
    waits: ({ bridge }) => (waits && bridge.frozen ? bridge.frozenAt + bridge.terms.exitWindow : 0),
    books: ({ bridge }) => {
      const { next } = bridge.base;
      if (!next) throw new Error("no committee to restart with");
      return bridge.restart(next, bridge.nextEpoch + ahead);
    },
    call: ({ bridge }, { contracts, governance }) => {
      const { next } = bridge.base;
      if (!next) throw new Error("no committee to restart with");
      const args = [openingOf(bridge), toL2Committee(next), BigInt(bridge.nextEpoch + ahead)];
      return { from: governance, call: { ...contracts.settlement, functionName: "restart", args } };
    },
  });

export const recover = (waits: boolean, ahead: number): Action =>
  action(`recover(${waits ? "when open" : "now"}, ${ahead})`, {
    waits: ({ bridge }) => (waits ? recoveryOpens(bridge) : 0),
    books: ({ bridge }) => bridge.recover(bridge.nextEpoch + ahead),
    call: ({ bridge }, { contracts, governance }) => {
      const resumeEpoch = bridge.nextEpoch + ahead;
      const committee = toL2Committee({ ...bridge.genesis, epoch: resumeEpoch });
      const args = [openingOf(bridge), committee, BigInt(resumeEpoch)];
      return { from: governance, call: { ...contracts.settlement, functionName: "recover", args } };
    },
  });

function recoveryOpens({ lastActivatedAt, terms, frozen, frozenAt }: BridgeLedger): number {
  return Math.max(lastActivatedAt + terms.recoveryDelay, frozen ? frozenAt + terms.exitWindow : 0);
}

export const escapes = client.map((who) =>
  action(`escape(${who})`, {
    books: ({ bridge }) => bridge.escape(who),
    call: ({ bridge }, { contracts, outsider, clients }) => {
      const found = balanceProof(bridge.balances(bridge.active.state), at(bridge.accounts, who));
      const args = [at(clients, who), found?.entry.balance, found?.entry.depositsSeen, found?.proof];
      return { from: outsider, call: { ...contracts.vault, functionName: "escape", args } };
    },
  }),
);

export const escapesUnseen = client.map((who) =>
  action(`escapeUnseen(${who})`, {
    books: ({ bridge }) => bridge.escapeUnseen(who),
    call: (_, { contracts, outsider, clients }) => {
      const args = [at(clients, who)];
      return { from: outsider, call: { ...contracts.vault, functionName: "escapeUnseen", args } };
    },
  }),
);
