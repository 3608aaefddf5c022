import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect } from "#node/consensus/effects.ts";
import { proposalWrites, voteWrites } from "#node/consensus/records.ts";
import { TAG } from "#node/consensus/wire.ts";
import { headerDigest } from "#protocol/digests/consensus.ts";
import { decode } from "#protocol/types/codec.ts";
import { SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { NETWORK_ID, rulesOf } from "./support/dag-builder.ts";
import { certifiedRow, effectsOf, NOW, primaryOf, signedHeader, voteOf, when } from "./support/peers.ts";

const rules = rulesOf(4);
const votesIn = (effects: readonly Effect[]) =>
  effectsOf(effects, "send")
    .filter(({ message }) => message.tag === TAG.vote)
    .map(({ message }) => decode(Vote, message.bytes));

test("of two headers of one author and round that wait for the same parents, one gets the vote", () => {
  const primary = primaryOf(rules);
  primary.start(when());
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const headers = [0, 1].map((at) => signedHeader(rules, 1, 2, first, { createdAt: NOW + at }));
  for (const signed of headers) assert.deepEqual(votesIn(primary.header(1, signed, when())), []);
  const effects = first.flatMap(({ author, certificate }) =>
    primary.certificate(author, certificate, when(5)),
  );
  const votes = votesIn([...effects, ...primary.tick(when(10))]).filter(({ author }) => author === 1);
  assert.equal(votes.length, 1);
});

test("a header far ahead waits for its parents, one of each author, and gets no vote", () => {
  const primary = primaryOf(rules);
  primary.start(when());
  const unknown = certifiedRow(rules, 4, [1, 2, 3], certifiedRow(rules, 3, [1, 2, 3], []));
  const ids: string[] = [];
  for (const round of [5, 6, 500]) {
    const parents = unknown.map(({ certificate, ...vertex }) => ({ certificate, ...vertex }));
    const effects = primary.header(1, signedHeader(rules, 1, round, parents), when());
    assert.deepEqual(votesIn(effects), []);
    assert.equal(effectsOf(effects, "needCertificates").length, 1);
    ids.push(primary.pendingHeader(1) ?? "");
  }
  assert.equal(new Set(ids).size, 3, "a newer header takes the place of the one before");
});

test("a header that waits for one batch gets its vote though another that was here has been ordered meanwhile", () => {
  const stored = new Set([7]);
  const primary = primaryOf(rules, { hasBatch: (ref) => stored.has(ref.digest[0] as number) });
  primary.start(when());
  const payload = [7, 9].map((byte) => ({ digest: new Uint8Array(32).fill(byte), worker: 0 }));
  const effects = primary.header(1, signedHeader(rules, 1, 1, [], { payload }), when());
  assert.deepEqual(
    effectsOf(effects, "needBatches").map(({ refs }) => refs),
    [payload.slice(1)],
  );
  stored.delete(7);
  stored.add(9);
  assert.equal(votesIn(primary.tick(when(10))).length, 1);
});

test("a record never clobbers another slot: the newest is written with the deletion of the one before it", () => {
  const [one, two] = [1, 2].map((round) => signedHeader(rules, 0, round, []));
  assert(one && two);
  const [made, gone] = recordsOf(two, 1);
  const [before] = recordsOf(one, undefined);
  assert(made?.value && gone && before);
  assert.deepEqual([gone.key, gone.value], [before.key, null]);
  assert.notDeepEqual(made.key, before.key);
  const votes = [1, 2].map((round) => voteOf(0, signedHeader(rules, 3, round, [])));
  const [vote, dropped] = votesOf(votes[1] as Vote, votes[0]);
  assert(vote?.value);
  assert.deepEqual([dropped?.key, dropped?.value], [votesOf(votes[0] as Vote, undefined)[0]?.key, null]);
  const other = votesOf(voteOf(0, signedHeader(rules, 2, 2, [])), undefined)[0];
  assert.notDeepEqual(vote.key, other?.key, "votes for other authors have slots of their own");
});

function recordsOf(signed: SignedHeader, replaced: number | undefined) {
  const { header } = signed;
  return proposalWrites(header, headerDigest(NETWORK_ID, header), SignedHeader.serialize(signed), replaced);
}

function votesOf(vote: Vote, replaced: Vote | undefined) {
  return voteWrites(vote, Vote.serialize(vote), replaced);
}
