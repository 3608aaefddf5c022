import assert from "node:assert/strict";
import fc, { type AsyncCommand } from "fast-check";
import { NO_SETTLEMENT, toL2Committee, toL2Settlement } from "#protocol/digests/settlement.ts";
import { balanceProof, payoutProof } from "#protocol/digests/trees.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { signedSettle } from "../support/committee.ts";
import { at, type BridgeLedger, type Refusal, type State } from "./bridge-ledger.ts";
import { type Call, type Network, STAKE_OF_OWNER } from "./network.ts";
import type { StakingLedger } from "./staking-ledger.ts";

export interface Books {
  bridge: BridgeLedger;
  staking: StakingLedger;
}

type Action = AsyncCommand<Books, Network>;
const ZERO: Hex = `0x${"00".repeat(20)}`;
const PARTS = 100n;

interface Parts {
  /** that the ledger changes by; returns what the call is refused with */
  books: (books: Books) => Refusal;
  /** made before the books change */
  call: (books: Books, network: Network) => { from: Hex; call: Call };
  /** when the action makes sense at all; refusals are part of what is compared */
  when?: (books: Books) => boolean;
  /** Unix seconds that the action waits for, when later than now */
  waits?: (books: Books) => number;
}

/** One call, a second after the one before. */
function action(name: string, parts: Parts): Action {
  return {
    check: (books) => parts.when?.(books) ?? true,
    async run(books, network) {
      const { bridge, staking } = books;
      bridge.now = Math.max(bridge.now + 1, parts.waits?.(books) ?? 0);
      const { from, call } = parts.call(books, network);
      await network.expect(bridge, from, call, parts.books(books));
      await network.compare(bridge, staking);
    },
    toString: () => name,
  };
}

/** Where it is bound to be refused, one time in eight. */
function mostly(actions: fc.Arbitrary<Action>, when: (books: Books) => boolean): fc.Arbitrary<Action> {
  return fc.tuple(actions, fc.nat({ max: 7 })).map(([inner, dice]) => ({
    check: (books) => inner.check(books) && (dice === 0 || when(books)),
    run: (books, network) => inner.run(books, network),
    toString: () => String(inner),
  }));
}

const client = fc.nat({ max: 2 });
const node = fc.nat({ max: 1 });
const part = fc.nat({ max: Number(PARTS) });
const share = (whole: bigint, parts: number): bigint => (whole * BigInt(parts)) / PARTS;

const deposit = fc.record({ who: client, amount: fc.bigInt({ min: 1n, max: 500_000_000n }) });
const deposits = deposit.map(({ who, amount }) =>
  action(`deposit(${who}, ${amount})`, {
    books: ({ bridge }) => bridge.deposit(who, amount),
    call: (_, { clients, contracts }) => {
      const [from, args] = [at(clients, who), [at(clients, who), amount]];
      return { from, call: { ...contracts.vault, functionName: "deposit", args } };
    },
  }),
);

const kinds = fc.constantFrom("honest", "honest", "honest", "honest", "ahead", "overstated", "nameless");
const choices = fc.record({
  kind: kinds,
  sees: fc.boolean(),
  from: client,
  to: client,
  spent: part,
  grantee: client,
  granted: part,
  absent: fc.nat({ max: 5 }),
});

type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

/** What the epoch leaves when one client spends and one is granted FLK. */
function stateAfter(ledger: BridgeLedger, choice: Choice): State {
  const state = structuredClone(ledger.tip);
  if (choice.sees) {
    state.l2Number = ledger.block;
    for (const [i, known] of state.clients.entries()) {
      const { deposited } = at(ledger.outside, i);
      known.balance += deposited - known.seen;
      known.seen = deposited;
    }
  }
  const payer = at(state.clients, choice.from);
  const amount = share(payer.balance, choice.spent);
  payer.balance -= amount;
  at(state.clients, choice.to).stable += amount;
  at(state.clients, choice.grantee).flk += share((ledger.terms.maxFlk * 11n) / 10n, choice.granted);
  return state;
}

function settle(choice: Choice): Action {
  let drawn: ReturnType<BridgeLedger["draw"]> & { state: State };
  return action(`settle(${JSON.stringify(choice)})`, {
    when: ({ bridge }) => bridge.signers !== undefined,
    call: ({ bridge }, { contracts, outsider, l2 }) => {
      const state = stateAfter(bridge, choice);
      const { settlement, next } = bridge.draw(state, choice.kind !== "nameless");
      if (choice.kind === "ahead") settlement.closeTime += 2 * bridge.terms.tolerance * 1000;
      if (choice.kind === "overstated") settlement.totalBalances += 10n ** 12n;
      drawn = { settlement, next, state };
      const { signers, newest } = bridge;
      if (!signers) throw new Error("nobody signs");
      const absent = choice.absent > 0 && choice.absent < 5 ? [choice.absent] : [];
      const args = signedSettle(l2.deployment.networkId, settlement, signers, absent, newest);
      return { from: outsider, call: { ...contracts.settlement, functionName: "settle", args } };
    },
    books: ({ bridge }) => bridge.settle(drawn.settlement, drawn.state, drawn.next),
  });
}

const activate = (waits: boolean): Action =>
  action(`activate(${waits ? "when due" : "now"})`, {
    when: ({ bridge }) => bridge.pending.length > 0,
    waits: ({ bridge }) => (waits ? (bridge.pending[0]?.activatesAt ?? 0) : 0),
    books: ({ bridge }) => bridge.activate(),
    call: ({ bridge }, { contracts, outsider }) => {
      const args = [toL2Settlement(at(bridge.pending, 0).settlement)];
      return { from: outsider, call: { ...contracts.settlement, functionName: "activate", args } };
    },
  });

const claim = (who: number): Action =>
  action(`claim(${who})`, {
    books: ({ bridge }) => bridge.claim(who),
    call: ({ bridge }, { contracts, outsider, clients }) => {
      const found = payoutProof(bridge.payouts(bridge.active.state), at(bridge.accounts, who));
      const args = [at(clients, who), found?.entry.stable, found?.entry.flk, found?.proof];
      return { from: outsider, call: { ...contracts.settlement, functionName: "claim", args } };
    },
  });

const payees = fc.record({ who: client, redirected: fc.boolean() }).map(({ who, redirected }) =>
  action(`setPayee(${who}, ${redirected})`, {
    books: () => undefined,
    call: (_, { contracts, clients, payees }) => {
      const args = [redirected ? at(payees, who) : ZERO];
      return { from: at(clients, who), call: { ...contracts.settlement, functionName: "setPayee", args } };
    },
  }),
);

/** Of one that waits, or of the next, which does not exist. */
const which = fc.nat({ max: 3 });
const epochOf = ({ bridge }: Books, index: number): number =>
  bridge.firstPending + Math.min(index, bridge.pending.length);

const vetoes = which.map((index) =>
  action(`veto(${index})`, {
    books: (books) => books.bridge.veto(epochOf(books, index)),
    call: (books, { contracts, l2 }) => {
      const args = [BigInt(epochOf(books, index))];
      const from = l2.deployment.guardian;
      return { from, call: { ...contracts.settlement, functionName: "veto", args } };
    },
  }),
);

const releases = which.map((index) =>
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

const freezes = fc.boolean().map((waits) =>
  action(`freeze(${waits ? "when open" : "now"})`, {
    waits: ({ bridge }) => (waits ? bridge.lastActivatedAt + bridge.terms.escapeDelay : 0),
    books: ({ bridge }) => bridge.freeze(),
    call: ({ bridge }, { contracts, outsider }) => {
      const args = [openingOf(bridge)];
      return { from: outsider, call: { ...contracts.settlement, functionName: "freeze", args } };
    },
  }),
);

const restart = (waits: boolean, ahead: number): Action =>
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

const recover = (waits: boolean, ahead: number): Action =>
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

const escapes = client.map((who) =>
  action(`escape(${who})`, {
    books: ({ bridge }) => bridge.escape(who),
    call: ({ bridge }, { contracts, outsider, clients }) => {
      const found = balanceProof(bridge.balances(bridge.active.state), at(bridge.accounts, who));
      const args = [at(clients, who), found?.entry.balance, found?.entry.depositsSeen, found?.proof];
      return { from: outsider, call: { ...contracts.vault, functionName: "escape", args } };
    },
  }),
);

const escapesUnseen = client.map((who) =>
  action(`escapeUnseen(${who})`, {
    books: ({ bridge }) => bridge.escapeUnseen(who),
    call: (_, { contracts, outsider, clients }) => {
      const args = [at(clients, who)];
      return { from: outsider, call: { ...contracts.vault, functionName: "escapeUnseen", args } };
    },
  }),
);

const stakes = fc.record({ who: node, parts: part }).map(({ who, parts }) =>
  action(`stake(${who}, ${parts}%)`, {
    ...stakeCall(who, "stake", ({ staking }) => [who + 1, share(left(staking, who), parts)]),
    books: ({ staking }) => staking.stake(who, share(left(staking, who), parts)),
  }),
);

/** Of what the owner had: what is withdrawn goes to somebody else. */
function left(staking: StakingLedger, who: number): bigint {
  return STAKE_OF_OWNER - at(staking.nodes, who).brought;
}

const unstakes = fc.record({ who: node, parts: fc.nat({ max: 101 }) }).map(({ who, parts }) => {
  const amount = ({ staking }: Books): bigint => {
    const { staked } = at(staking.nodes, who);
    return parts > 100 ? staked + 1n : share(staked, parts);
  };
  return action(`requestUnstake(${who}, ${parts}%)`, {
    ...stakeCall(who, "requestUnstake", (books) => [who + 1, amount(books)]),
    books: (books) => books.staking.requestUnstake(who, amount(books), books.bridge.now),
  });
});

const requestOf = ({ staking }: Books, who: number, index: number): number => {
  const { requests, nextId } = at(staking.nodes, who);
  return (index === 5 ? undefined : requests[index % requests.length]?.id) ?? nextId;
};

const cancels = fc.record({ who: node, index: fc.nat({ max: 5 }) }).map(({ who, index }) =>
  action(`cancelUnstake(${who}, ${index})`, {
    ...stakeCall(who, "cancelUnstake", (books) => [who + 1, BigInt(requestOf(books, who, index))]),
    books: (books) => books.staking.cancelUnstake(who, requestOf(books, who, index)),
  }),
);

const withdrawals = fc
  .record({ who: node, index: fc.nat({ max: 5 }), waits: fc.constantFrom(-1, 0, undefined) })
  .map(({ who, index, waits }) => {
    const matures = (books: Books): number => {
      const id = requestOf(books, who, index);
      return at(books.staking.nodes, who).requests.find((one) => one.id === id)?.maturesAt ?? 0;
    };
    return action(`withdraw(${who}, ${index}, ${waits})`, {
      call: (books, { contracts, owners, outsider }) => {
        const args = [who + 1, BigInt(requestOf(books, who, index)), outsider];
        return { from: at(owners, who), call: { ...contracts.staking, functionName: "withdraw", args } };
      },
      waits: (books) => (waits === undefined ? 0 : matures(books) + waits),
      books: (books) => books.staking.withdraw(who, requestOf(books, who, index), books.bridge.now),
    });
  });

function stakeCall(who: number, functionName: string, argsOf: (books: Books) => readonly unknown[]) {
  return {
    call: (books: Books, { contracts, owners }: Network) => ({
      from: at(owners, who),
      call: { ...contracts.staking, functionName, args: argsOf(books) },
    }),
  };
}

const resumptions = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }));
const settlements = choices.map(settle);
const activations = fc.boolean().map(activate);

const runs = ({ bridge }: Books): boolean => !bridge.frozen;
const hasActive = ({ bridge }: Books): boolean => bridge.activeEpochs > 0;
const waits = ({ bridge }: Books): boolean => bridge.pending.length > 0;
const holds = ({ bridge }: Books): boolean => bridge.pending.some((one) => one.holds !== 0);
const hasStake = ({ staking }: Books): boolean => staking.nodes.some(({ staked }) => staked > 0n);
const thaws = ({ staking }: Books): boolean => staking.nodes.some(({ requests }) => requests.length > 0);

/** Settlements, and what moves their money, come more often than the rest. */
export const ACTIONS: fc.Arbitrary<Action>[] = [
  deposits,
  deposits,
  ...[1, 2, 3, 4].map(() => mostly(settlements, runs)),
  ...[1, 2, 3].map(() => mostly(activations, runs)),
  ...[1, 2].map(() => mostly(client.map(claim), hasActive)),
  payees,
  mostly(vetoes, waits),
  ...[1, 2].map(() => mostly(releases, holds)),
  mostly(freezes, (books) => runs(books) && hasActive(books)),
  mostly(
    resumptions.map(([open, ahead]) => restart(open, ahead)),
    (books) => !runs(books) || holds(books),
  ),
  resumptions.map(([open, ahead]) => recover(open, ahead)),
  ...[1, 2, 3, 4].map(() => mostly(escapes, (books) => !runs(books))),
  ...[1, 2].map(() => mostly(escapesUnseen, (books) => !runs(books))),
  stakes,
  ...[1, 2].map(() => mostly(unstakes, hasStake)),
  mostly(cancels, thaws),
  ...[1, 2].map(() => mostly(withdrawals, thaws)),
];

const HONEST: Choice = {
  kind: "honest",
  sees: true,
  from: 0,
  to: 1,
  spent: 10,
  grantee: 2,
  granted: 10,
  absent: 0,
};

/** Governance and a committee bring the chain to its next active settlement, from wherever it is, and everybody is paid what that says. */
export async function goOn(books: Books, network: Network): Promise<void> {
  const { bridge } = books;
  const bringBack = (): Promise<void> =>
    (bridge.base.next ? restart(true, 2) : recover(true, 2)).run(books, network);
  if (bridge.frozen) await bringBack();
  while (bridge.pending.length > 0) {
    if (bridge.pending[0]?.holds !== 0) await bringBack();
    else await activate(true).run(books, network);
  }
  if (!bridge.signers) await bringBack();
  await settle(HONEST).run(books, network);
  const { activeEpochs } = bridge;
  await activate(true).run(books, network);
  assert.equal(bridge.activeEpochs > activeEpochs, true, "a settlement became active");
  for (const who of [0, 1, 2]) await claim(who).run(books, network);
  assert.equal(bridge.inPot, 0n);
}
