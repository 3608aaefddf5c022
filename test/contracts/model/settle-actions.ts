import fc from "fast-check";
import { toL2Committee, toL2Settlement } from "#protocol/digests/settlement.ts";
import { type Action, action, part, share } from "./action.ts";
import type { Books } from "./books.ts";
import { client, epochOf } from "./bridge-actions.ts";
import type { BridgeLedger } from "./bridge-ledger.ts";
import type { Draft, State } from "./bridge-types.ts";
import { FLAWS, type Flaw, isSound, nextCommittee, settleArgs, uncertified } from "./committees.ts";
import { at, type Refusal } from "./ledger.ts";
import { LISTS, type ListKind, NO_LIST, slashList } from "./slash-lists.ts";

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

export interface Choice {
  kind: string;
  sees: boolean;
  from: number;
  to: number;
  spent: number;
  grantee: number;
  granted: number;
  absent: number;
  flaw: Flaw;
  list: ListKind;
  slashed: { nodes: number; parts: number };
}

const NO_SLASH = { nodes: 0, parts: 0 };

/** The committee and the clients' money in every way, the nodes in none. */
export const moneyChoices: fc.Arbitrary<Choice> = choices.map((choice) => ({
  ...choice,
  flaw: "none",
  list: "none",
  slashed: NO_SLASH,
}));

const none = { arbitrary: fc.constant("none" as const), weight: 4 };
const stakeChoice = fc.record({
  kind: fc.constantFrom("honest", "honest", "honest", "honest", "honest", "honest", "nameless"),
  spent: part,
  granted: part,
  absent: fc.nat({ max: 5 }),
  flaw: fc.oneof({ ...none, weight: 9 }, { arbitrary: fc.constantFrom("early", ...FLAWS), weight: 5 }),
  list: fc.oneof(none, { arbitrary: fc.constantFrom("part", "part", ...LISTS), weight: 7 }),
  slashed: fc.record({ nodes: fc.nat({ max: 127 }), parts: part }),
});

/** The nodes in every way, little of the clients' money. */
export const stakeChoices: fc.Arbitrary<Choice> = stakeChoice.map((choice) => ({
  ...choice,
  sees: true,
  from: 0,
  to: 1,
  grantee: 2,
}));

export const HONEST: Choice = {
  kind: "honest",
  sees: true,
  from: 0,
  to: 1,
  spent: 10,
  grantee: 2,
  granted: 10,
  absent: 0,
  flaw: "none",
  list: "none",
  slashed: NO_SLASH,
};

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

function draft(books: Books, choice: Choice): Draft {
  return {
    state: stateAfter(books.bridge, choice),
    next: choice.kind === "nameless" ? undefined : nextCommittee(books, choice.flaw),
    list: choice.list === "none" ? NO_LIST : slashList(books, choice.list, choice.slashed),
  };
}

export function settle(choice: Choice): Action {
  const absent = choice.absent > 0 && choice.absent < 5 ? [choice.absent] : [];
  return action(
    `settle(${JSON.stringify(choice)})`,
    (all, { contracts, outsider }) => {
      const { bridge } = all;
      const left = draft(all, choice);
      const settlement = bridge.draw(left);
      if (choice.kind === "ahead") settlement.closeTime += 2 * bridge.terms.tolerance * 1000;
      if (choice.kind === "overstated") settlement.totalBalances += 10n ** 12n;
      const committee = signersOf(all);
      const args = settleArgs(bridge.networkId, settlement, { committee, absent, previous: bridge.newest });
      const books = () => bridge.settle(settlement, left, uncertified(all, committee, absent));
      return { from: outsider, call: { ...contracts.settlement, functionName: "settle", args }, books };
    },
    { when: ({ bridge }) => bridge.signers !== undefined },
  );
}

function signersOf({ bridge }: Books) {
  if (!bridge.signers) throw new Error("nobody signs");
  return bridge.signers;
}

const shows = fc.constantFrom(
  "the committee",
  "the committee",
  "the committee",
  "another",
  "another settlement",
);

/** Shows what a pending settlement names, or something else. */
export const challenges: fc.Arbitrary<Action> = fc
  .tuple(fc.constantFrom(0, 0, 0, 0, 1, 1, 2), shows)
  .map(([index, shown]) =>
    action(`challengeCommittee(${index}, ${shown})`, (all, { contracts, outsider }) => {
      const { bridge } = all;
      const epoch = epochOf(all, index);
      const posted = bridge.pending[epoch - bridge.firstPending];
      const settlement = posted?.settlement ?? { ...bridge.draw(draft(all, HONEST)), epoch };
      const next = shown === "another" ? undefined : posted?.next;
      const args = [
        toL2Settlement(shown === "another settlement" ? { ...settlement, closeTime: 1 } : settlement),
        toL2Committee(next ?? bridge.genesis),
      ];
      const unproven = (): Refusal => {
        if (shown === "another settlement") return "UnknownSettlement";
        if (!next) return "WrongCommittee";
        return isSound(all, next, epoch) ? "CommitteeIsSound" : undefined;
      };
      const books = () => bridge.challenge(epoch, unproven());
      return {
        from: outsider,
        call: { ...contracts.settlement, functionName: "challengeCommittee", args },
        books,
      };
    }),
  );
