import { BitArray } from "@chainsafe/ssz";
import { DEFAULT_TIMING } from "#node/chain/narwhal/epoch-consensus.ts";
import { INITIAL_CURSOR } from "#node/consensus/bullshark.ts";
import { type Vertex, vertexOf } from "#node/consensus/dag.ts";
import type { Effect } from "#node/consensus/effects.ts";
import type { EpochRules } from "#node/consensus/header.ts";
import { isAnchorRound } from "#node/consensus/leader.ts";
import type { Moment } from "#node/consensus/moment.ts";
import { Primary } from "#node/consensus/primary.ts";
import type { PrimaryOptions, Recovered } from "#node/consensus/primary-options.ts";
import { beaconMessage, headerDigest, headerMessage, voteMessage } from "#protocol/digests/consensus.ts";
import { keyBytes } from "#protocol/types/bytes-key.ts";
import type { BatchRef, Certificate, Header, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { mockSigner, mockVerifier } from "#test/node/chain/support/mock-crypto.ts";
import { EPOCH, keyOf, NETWORK_ID } from "./dag-builder.ts";

export const NOW = 1_800_000_000_000;
const UPTIME = 70_000;

/** `ms` after the beginning, by a clock whose time of day was set by `step` ms since. */
export function when(ms = 0, step = 0): Moment {
  return { elapsed: UPTIME + ms, unix: NOW + ms + step };
}

/** A well-formed header of `author`, changed by `changes`, with its true signature. */
export function signedHeader(
  rules: EpochRules,
  author: number,
  round: number,
  parents: readonly Vertex[],
  changes: Partial<Header> = {},
): SignedHeader {
  const ids = round === 1 ? [...rules.genesis.keys()] : parents.map(({ id }) => id);
  const signer = mockSigner(keyOf(author));
  const header: Header = {
    epoch: EPOCH,
    round,
    author,
    createdAt: NOW,
    payload: [],
    parents: ids.sort().map(keyBytes),
    checkpoints: [],
    attestations: [],
    beacon: isAnchorRound(round) ? [signer.sign(beaconMessage(NETWORK_ID, rules.seed, EPOCH, round))] : [],
    ...changes,
  };
  const digest = headerDigest(NETWORK_ID, header);
  return { header, signature: signer.sign(headerMessage(NETWORK_ID, header, digest)) };
}

export function voteOf(voter: number, signed: SignedHeader): Vote {
  const { epoch, round, author } = signed.header;
  const digest = headerDigest(NETWORK_ID, signed.header);
  const signature = mockSigner(keyOf(voter)).sign(voteMessage(NETWORK_ID, { epoch, round, author, digest }));
  return { epoch, round, author, digest, voter, signature };
}

export function certify(
  rules: EpochRules,
  signed: SignedHeader,
  voters: readonly number[] = [0, 1, 2],
): Certificate {
  const signers = BitArray.fromBitLen(rules.committee.size);
  for (const voter of voters) signers.set(rules.committee.indexOf(voter), true);
  const signature = mockVerifier.aggregate(voters.map((voter) => voteOf(voter, signed).signature));
  return { header: signed, signers, signature };
}

/** The certified vertices of one round by `authors`. */
export function certifiedRow(
  rules: EpochRules,
  round: number,
  authors: readonly number[],
  parents: readonly Vertex[],
): Vertex[] {
  return authors.map((author) =>
    vertexOf(NETWORK_ID, certify(rules, signedHeader(rules, author, round, parents))),
  );
}

export const NOTHING: Recovered = {
  cursor: INITIAL_CURSOR,
  reported: 0,
  proposal: undefined,
  votes: [],
  certificates: [],
};

export function primaryOf(rules: EpochRules, options: Partial<PrimaryOptions> = {}): Primary {
  return new Primary({
    rules,
    self: 0,
    signer: mockSigner(keyOf(0)),
    timing: DEFAULT_TIMING,
    sources: { nextCheckpoints: () => [], takeAttestations: () => [] },
    hasBatch: (_: BatchRef) => true,
    recovered: NOTHING,
    ...options,
  });
}

export function effectsOf<Type extends Effect["type"]>(effects: readonly Effect[], type: Type) {
  return effects.filter((effect): effect is Extract<Effect, { type: Type }> => effect.type === type);
}
