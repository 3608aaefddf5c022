import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCertificate, VoteAggregator } from "#node/consensus/certificates.ts";
import { headerDigest } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { NETWORK_ID, rulesOf } from "./support/dag-builder.ts";
import { signedHeader, voteOf } from "./support/peers.ts";

const coded = (code: string) => (error: unknown) => isFlkError(error, code);

function voting(powers: readonly number[]) {
  const rules = rulesOf(powers.length, 0, powers);
  const signed = signedHeader(rules, 1, 1, []);
  const digest = headerDigest(NETWORK_ID, signed.header);
  return { rules, signed, digest, votes: new VoteAggregator(rules, signed, digest) };
}

test("a vote counts once, and only a member's for this header", () => {
  const { rules, signed, votes } = voting([1, 1, 1, 1]);
  assert.deepEqual(votes.add(voteOf(0, signed)), { bad: [] });
  assert.throws(() => votes.add(voteOf(0, signed)), coded("ERR_VOTE_DUPLICATE"));
  assert.throws(() => votes.add(voteOf(9, signed)), coded("ERR_VOTE_VOTER"));
  const other = signedHeader(rules, 1, 1, [], { createdAt: 5 });
  assert.throws(() => votes.add(voteOf(2, other)), coded("ERR_VOTE_UNEXPECTED"));
  assert.deepEqual(votes.add(voteOf(2, signed)), { bad: [] });
  assert(votes.add(voteOf(3, signed)).certificate);
});

test("power makes a quorum, not the number of voters", () => {
  const { rules, signed, digest, votes } = voting([1, 1, 1, 4, 3]);
  assert.equal(rules.committee.quorum, 7);
  for (const voter of [0, 1, 2]) assert.equal(votes.add(voteOf(voter, signed)).certificate, undefined);
  const { certificate } = votes.add(voteOf(3, signed));
  assert(certificate);
  checkCertificate(rules, certificate, digest);
  assert.deepEqual(certificate.signers.getTrueBitIndexes(), [0, 1, 2, 3]);
});
