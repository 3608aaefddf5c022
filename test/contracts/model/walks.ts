import assert from "node:assert/strict";
import fc from "fast-check";
import { type Action, mostly } from "./action.ts";
import type { Books } from "./books.ts";
import {
  activate,
  claim,
  client,
  deposits,
  escapes,
  escapesUnseen,
  freezes,
  payees,
  recover,
  releases,
  restart,
  vetoes,
} from "./bridge-actions.ts";
import { isSound, isWellFormed } from "./committees.ts";
import type { Network } from "./network.ts";
import { parameterChanges } from "./parameter-actions.ts";
import {
  announcements,
  awaitedRotations,
  isAwaited,
  networkRotations,
  nodePayees,
  operators,
  participations,
  pauses,
  registrations,
  rotations,
  unpauses,
} from "./registry-actions.ts";
import { challenges, HONEST, moneyChoices, settle, stakeChoices } from "./settle-actions.ts";
import { applications, directSlashes, listDecisions, reports } from "./slash-actions.ts";
import { allWithdrawals, cancels, locks, stakes, unstakes, withdrawals } from "./stake-actions.ts";

const resumptions = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }));
const activations = fc.boolean().map(activate);
const restarts = resumptions.map(([open, ahead]) => restart(open, ahead));
const recoveries = resumptions.map(([open, ahead]) => recover(open, ahead));

const runs = ({ bridge }: Books): boolean => !bridge.frozen;
const hasActive = ({ bridge }: Books): boolean => bridge.activeEpochs > 0;
const waits = ({ bridge }: Books): boolean => bridge.pending.length > 0;
const holds = ({ bridge }: Books): boolean => bridge.pending.some((one) => one.holds !== 0);
const isStuck = (books: Books): boolean => !runs(books) || holds(books);
const hasList = ({ bridge, slasher }: Books): boolean =>
  [...bridge.certified.keys()].some((epoch) => slasher.isOpen(epoch));
const hasUnsound = (books: Books): boolean =>
  books.bridge.pending.some(({ settlement, next }) => next && !isSound(books, next, settlement.epoch));
const thaws = ({ staking }: Books): boolean => staking.nodes.some(({ requests }) => requests.length > 0);
const awaits = (books: Books): boolean => books.registry.nodes.some(({ id }) => isAwaited(books, id));
const isPaused = ({ staking, bridge }: Books): boolean => bridge.now < staking.pausedUntil;

const times = (count: number, actions: fc.Arbitrary<Action>): fc.Arbitrary<Action>[] =>
  Array.from({ length: count }, () => actions);

/** Settlements, and what moves their money, come more often than the rest. */
export const MONEY_WALK: fc.Arbitrary<Action>[] = [
  ...times(2, deposits),
  ...times(4, mostly(moneyChoices.map(settle), runs)),
  ...times(3, mostly(activations, runs)),
  ...times(2, mostly(client.map(claim), hasActive)),
  payees,
  mostly(vetoes, waits),
  ...times(2, mostly(releases, holds)),
  mostly(freezes, (books) => runs(books) && hasActive(books)),
  mostly(restarts, isStuck),
  recoveries,
  ...times(4, mostly(escapes, isFrozen)),
  ...times(2, mostly(escapesUnseen, isFrozen)),
];

function isFrozen({ bridge }: Books): boolean {
  return bridge.frozen;
}

/** Stake and slashes, with settlements that are as they must or name what they must not. */
export const STAKE_WALK: fc.Arbitrary<Action>[] = [
  ...times(3, stakes),
  ...times(2, locks),
  ...times(3, unstakes),
  mostly(cancels, thaws),
  ...times(2, mostly(withdrawals, thaws)),
  mostly(allWithdrawals, thaws),
  ...times(2, rotations),
  ...times(3, mostly(awaitedRotations, awaits)),
  networkRotations,
  announcements,
  participations,
  ...times(2, operators),
  nodePayees,
  registrations,
  pauses,
  mostly(unpauses, isPaused),
  ...times(6, mostly(stakeChoices.map(settle), runs)),
  ...times(6, mostly(activations, waits)),
  ...times(3, mostly(challenges, hasUnsound)),
  mostly(challenges, waits),
  mostly(releases, holds),
  ...times(2, mostly(restarts, isStuck)),
  mostly(recoveries, isStuck),
  ...times(5, reports),
  ...times(5, mostly(applications, hasList)),
  ...times(2, mostly(listDecisions, hasList)),
  directSlashes,
  ...times(2, parameterChanges),
];

/** Governance and a committee bring the chain to its next active settlement, from wherever it is, and everybody is paid what that says. */
export async function goOn(books: Books, network: Network): Promise<void> {
  const { bridge } = books;
  const bringBack = (): Promise<void> => {
    const { next } = bridge.base;
    return (next && isWellFormed(next) ? restart(true, 2) : recover(true, 2)).run(books, network);
  };
  if (bridge.frozen) await bringBack();
  while (bridge.pending.length > 0) {
    if (bridge.pending[0]?.holds !== 0) await bringBack();
    else await activate(true).run(books, network);
  }
  if (!canSign(books)) await recover(true, 2).run(books, network);
  await settle(HONEST).run(books, network);
  const { activeEpochs } = bridge;
  await activate(true).run(books, network);
  assert.equal(bridge.activeEpochs > activeEpochs, true, "a settlement became active");
  for (const who of [0, 1, 2]) await claim(who).run(books, network);
  assert.equal(bridge.inPot, 0n);
  await network.compare(books, true);
}

function canSign({ bridge }: Books): boolean {
  const { signers } = bridge;
  return signers !== undefined && signers.epoch === bridge.nextEpoch && isWellFormed(signers);
}
