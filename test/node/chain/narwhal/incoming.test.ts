import assert from "node:assert/strict";
import { test } from "node:test";
import { Incoming } from "#node/chain/narwhal/incoming.ts";
import { VerifiedTogether } from "#node/chain/narwhal/verified-together.ts";
import type { PeerMessage } from "#node/consensus/wire.ts";
import { certificateMessage, TAG } from "#node/consensus/wire.ts";
import type { ConsensusVerifier } from "#node/interface/crypto.ts";
import { headerDigest, headerMessage } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { type Certificate, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { mockVerifier } from "#test/node/chain/support/mock-crypto.ts";
import { NETWORK_ID, rulesOf } from "#test/node/consensus/support/dag-builder.ts";
import { certify, NOW, primaryOf, signedHeader, voteOf, when } from "#test/node/consensus/support/peers.ts";
import { epochParts } from "../support/epoch-parts.ts";

const SEVEN = [1, 2, 3, 4, 5, 6];

/** Member 0 of seven with what comes from its peers, and how often the verifier was asked in which way. */
function incoming({ together = true }: { together?: boolean } = {}) {
  const asked = { one: 0, all: [] as number[] };
  const counting: ConsensusVerifier = {
    ...mockVerifier,
    verify: (...args) => {
      asked.one++;
      return mockVerifier.verify(...args);
    },
    verifyAggregate: (...args) => {
      asked.one++;
      return mockVerifier.verifyAggregate(...args);
    },
  };
  if (together)
    counting.verifyAll = (sets) => {
      asked.all.push(sets.length);
      return sets.every((set) => mockVerifier.verifyAggregate(set.keys, set.message, set.signature));
    };
  const verifier = new VerifiedTogether(counting);
  const rules = { ...rulesOf(7), verifier };
  const parts = epochParts(rules, NOW, () => assert.fail());
  const primary = primaryOf(rules);
  primary.start(when());
  asked.one = 0;
  const applied: number[] = [];
  const events = {
    isKnown: () => true,
    unchecked: (from: number, message: PeerMessage) => primary.unchecked(from, message),
    apply(from: number, message: PeerMessage) {
      applied.push(from);
      if (message.type === "header") primary.header(from, message.signed, when());
      else if (message.type === "vote") primary.vote(from, message.vote, when());
      else primary.certificate(from, message.certificate, when());
    },
    room: () => undefined,
  };
  const inbox = new Incoming(parts.deps, verifier, events);
  const header = (author: number, changes: Partial<SignedHeader> = {}, from = author) =>
    inbox.receive(
      from,
      TAG.header,
      SignedHeader.serialize({ ...signedHeader(rules, author, 1, []), ...changes }),
    );
  const certificate = (author: number, from = author, changes: Partial<Certificate> = {}) => {
    const certified = certify(rules, signedHeader(rules, author, 1, []), [0, 1, 2, 3, 4]);
    const { tag, bytes } = certificateMessage({ ...certified, ...changes });
    return inbox.receive(from, tag, bytes);
  };
  return { ...parts, rules, primary, asked, applied, inbox, header, certificate };
}

const WRONG = { signature: new Uint8Array(96).fill(7) };
const refusedAs = (code: string) => (error: unknown) => isFlkError(error, code);

test("headers and certificates that come together are checked at once and applied in the order in which they came", async () => {
  const { clock, asked, applied, primary, header, certificate } = incoming();
  const all = [header(3), certificate(1), header(2), certificate(4, 5)];
  assert.deepEqual(applied, []);
  await clock.advance(1);
  await Promise.all(all);
  assert.deepEqual(applied, [3, 1, 2, 5]);
  assert.deepEqual(asked, { one: 0, all: [4] });
  assert.equal(primary.acceptedCount, 2);
});

test("one that comes alone is checked as ever, and one that is known already is not gathered", async () => {
  const { clock, asked, applied, header } = incoming();
  const first = header(1);
  await clock.advance(1);
  await first;
  assert.deepEqual(asked, { one: 1, all: [] });
  await header(1);
  assert.deepEqual(applied, [1, 1]);
  assert.equal(asked.one, 1);
});

test("votes are dealt with at once", async () => {
  const { applied, rules, inbox } = incoming();
  const vote = voteOf(1, signedHeader(rules, 2, 1, []));
  await inbox.receive(1, TAG.vote, Vote.serialize(vote));
  assert.deepEqual(applied, [1]);
});

test("a wrong signature costs the others nothing but their common check, and its sender the right to another", async () => {
  const { clock, asked, primary, header, certificate, metrics } = incoming();
  const good = [header(1), certificate(2), header(4)];
  const bad = header(3, WRONG);
  const refusal = assert.rejects(Promise.resolve(bad), refusedAs("ERR_HEADER_SIGNATURE"));
  await clock.advance(1);
  await Promise.all([...good, refusal]);
  assert.deepEqual(asked, { one: 4, all: [4] });
  assert.equal(primary.acceptedCount, 1);
  assert.equal(
    metrics.value("flk_rejected_messages_total", { peer: "3", reason: "ERR_HEADER_SIGNATURE" }),
    1,
  );
  // from now on what it sends is checked at once and alone, wrong or right
  assert.throws(() => header(3, WRONG), refusedAs("ERR_HEADER_SIGNATURE"));
  const others = [header(5), header(6)];
  await header(3);
  await clock.advance(1);
  await Promise.all(others);
  assert.deepEqual(asked.all, [4, 2]);
  assert.equal(asked.one, 6);
});

test("a header of someone else comes into no common check, whatever its signature", async () => {
  const { clock, asked, applied, header, metrics } = incoming();
  const good = [header(1), header(2)];
  assert.throws(() => header(4, WRONG, 3), refusedAs("ERR_MESSAGE_SENDER"));
  await clock.advance(1);
  await Promise.all(good);
  assert.deepEqual([applied, asked], [[1, 2], { one: 0, all: [2] }]);
  assert.equal(metrics.value("flk_rejected_messages_total", { peer: "3", reason: "ERR_MESSAGE_SENDER" }), 1);
});

test("who spoils a common check is checked alone afterwards, although its certificate came behind the right one and was not looked at", async () => {
  const { clock, asked, primary, header, certificate } = incoming();
  const all = [certificate(1), certificate(1, 6, WRONG), header(2)];
  await clock.advance(1);
  await Promise.all(all);
  assert.equal(primary.acceptedCount, 1);
  assert.deepEqual(asked, { one: 3, all: [3] });
  assert.throws(() => certificate(3, 6, WRONG), refusedAs("ERR_CERTIFICATE_SIGNATURE"));
  const others = [certificate(4), header(5)];
  await clock.advance(1);
  await Promise.all(others);
  assert.deepEqual(asked, { one: 4, all: [3, 2] });
});

test("a wrong signature that comes when no other does is found out, too", async () => {
  const { clock, asked, header } = incoming();
  const refusal = assert.rejects(Promise.resolve(header(3, WRONG)), refusedAs("ERR_HEADER_SIGNATURE"));
  await clock.advance(1);
  await refusal;
  assert.throws(() => header(3, WRONG), refusedAs("ERR_HEADER_SIGNATURE"));
  assert.deepEqual(asked, { one: 2, all: [] });
});

test("what passed the common check is asked of the verifier again afterwards", async () => {
  const { clock, asked, rules, header } = incoming();
  const all = SEVEN.map((author) => header(author));
  await clock.advance(1);
  await Promise.all(all);
  assert.deepEqual(asked, { one: 0, all: [6] });
  const { header: sent, signature } = signedHeader(rules, 1, 1, []);
  const message = headerMessage(NETWORK_ID, sent, headerDigest(NETWORK_ID, sent));
  assert.equal(rules.verifier.verify(rules.committee.keyOf(1) ?? assert.fail(), message, signature), true);
  assert.equal(asked.one, 1);
});

test("a verifier without a common check is asked one by one, at once", async () => {
  const { asked, applied, header } = incoming({ together: false });
  for (const author of SEVEN) await header(author);
  assert.deepEqual([applied, asked], [SEVEN, { one: 6, all: [] }]);
});

test("who is no member has nothing verified", () => {
  const { asked, rules, inbox } = incoming();
  const bytes = SignedHeader.serialize(signedHeader(rules, 1, 1, []));
  assert.throws(() => inbox.receive(9, TAG.header, bytes), refusedAs("ERR_MESSAGE_SENDER"));
  assert.deepEqual(asked, { one: 0, all: [] });
});
