import assert from "node:assert/strict";
import { test } from "node:test";
import { vertexOf } from "#node/consensus/dag.ts";
import type { Effect } from "#node/consensus/effects.ts";
import type { Primary } from "#node/consensus/primary.ts";
import { TAG } from "#node/consensus/wire.ts";
import { headerDigest } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { decode } from "#protocol/types/codec.ts";
import { type BatchRef, type Header, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { NETWORK_ID, rulesOf } from "./support/dag-builder.ts";
import {
  certifiedRow,
  certify,
  effectsOf,
  NOTHING,
  NOW,
  primaryOf,
  signedHeader,
  voteOf,
  when,
} from "./support/peers.ts";

const rules = rulesOf(4);
const coded = (code: string) => (error: unknown) => isFlkError(error, code);
const sent = (effects: readonly Effect[], tag: number) =>
  effectsOf(effects, "send").filter(({ message }) => message.tag === tag);

function started(options: Parameters<typeof primaryOf>[1] = {}): Primary {
  const primary = primaryOf(rules, options);
  primary.start(when());
  return primary;
}

test("a vote is on disk before it leaves, and the same header gets the same vote again", () => {
  const primary = started();
  const signed = signedHeader(rules, 1, 1, []);
  const effects = primary.header(1, signed, when());
  const persisted = effects.findIndex(({ type }) => type === "persist");
  const voted = effects.findIndex((effect) => effect.type === "send" && effect.message.tag === TAG.vote);
  assert(persisted >= 0 && voted > persisted);
  const [first] = sent(effects, TAG.vote);
  assert.deepEqual(first?.to, [1]);
  const [again] = sent(primary.header(1, signed, when(5)), TAG.vote);
  assert.deepEqual(again?.message, first?.message);
});

test("a second header of one author and round gets no vote, also after a restart", () => {
  const primary = started();
  const signed = signedHeader(rules, 1, 1, []);
  const other = signedHeader(rules, 1, 1, [], { createdAt: NOW - 1 });
  const [vote] = sent(primary.header(1, signed, when()), TAG.vote);
  assert.throws(() => primary.header(1, other, when()), coded("ERR_VOTE_EQUIVOCATION"));
  const votes = [decode(Vote, vote?.message.bytes ?? new Uint8Array())];
  const restarted = started({ recovered: { ...NOTHING, votes } });
  assert.throws(() => restarted.header(1, other, when()), coded("ERR_VOTE_EQUIVOCATION"));
  assert.deepEqual(sent(restarted.header(1, signed, when()), TAG.vote)[0]?.message, vote?.message);
});

test("an author that got a vote for a later round gets none for a lower one", () => {
  const primary = started();
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  for (const vertex of first) primary.certificate(vertex.author, vertex.certificate, when());
  assert.equal(sent(primary.header(1, signedHeader(rules, 1, 2, first), when()), TAG.vote).length, 1);
  const lower = signedHeader(rules, 1, 1, []);
  assert.throws(() => primary.header(1, lower, when()), coded("ERR_VOTE_LOWER_ROUND"));
});

test("a header is refused for its form or signature, each with a code", () => {
  const refs: BatchRef[] = [1, 2].map((at) => ({ digest: new Uint8Array(32).fill(at), worker: 0 }));
  const attestation = {
    data: {
      epoch: 3,
      index: 0,
      previous: new Uint8Array(32),
      blockRoot: new Uint8Array(32),
      stateRoot: new Uint8Array(32),
    },
    node: 2,
    signature: new Uint8Array(96),
  };
  const parents = signedHeader(rules, 1, 1, []).header.parents;
  const cases: [string, Partial<Header>][] = [
    ["ERR_EPOCH_FOREIGN", { epoch: 4 }],
    ["ERR_HEADER_ROUND", { round: 0 }],
    ["ERR_HEADER_PAYLOAD", { payload: [...refs].reverse() }],
    ["ERR_HEADER_PAYLOAD", { payload: [refs[0] as BatchRef, refs[0] as BatchRef] }],
    ["ERR_HEADER_PAYLOAD", { payload: [{ digest: new Uint8Array(32), worker: 1 }] }],
    ["ERR_HEADER_PARENTS", { parents: [] }],
    ["ERR_HEADER_PARENTS", { parents: [...parents].reverse() }],
    ["ERR_HEADER_PARENTS", { parents: parents.slice(0, 2) }],
    ["ERR_HEADER_PARENTS", { parents: [...parents, new Uint8Array(32).fill(255)] }],
    [
      "ERR_HEADER_CHECKPOINTS",
      { checkpoints: [2, 2].map((number) => ({ number, hash: new Uint8Array(32) })) },
    ],
    ["ERR_HEADER_ATTESTATIONS", { attestations: [attestation] }],
    ["ERR_HEADER_BEACON", { beacon: [new Uint8Array(96)] }],
  ];
  const primary = started();
  for (const [code, changes] of cases) {
    assert.throws(() => primary.header(1, signedHeader(rules, 1, 1, [], changes), when()), coded(code), code);
  }
  const forged = { ...signedHeader(rules, 1, 1, []), signature: new Uint8Array(96) };
  assert.throws(() => primary.header(1, forged, when()), coded("ERR_HEADER_SIGNATURE"));
  assert.throws(() => primary.header(2, signedHeader(rules, 1, 1, []), when()), coded("ERR_MESSAGE_SENDER"));
  assert.throws(() => primary.header(9, signedHeader(rules, 9, 1, []), when()), coded("ERR_HEADER_AUTHOR"));
});

test("a header of an anchor round needs the beacon that only its author can sign, whoever leads", () => {
  for (const author of [1, 2, 3]) {
    const primary = started();
    const first = certifiedRow(rules, 1, [0, 1, 2], []);
    for (const vertex of first) primary.certificate(1, vertex.certificate, when());
    const none = signedHeader(rules, author, 2, first, { beacon: [] });
    const wrong = signedHeader(rules, author, 2, first, { beacon: [new Uint8Array(96).fill(7)] });
    assert.throws(() => primary.header(author, none, when()), coded("ERR_HEADER_BEACON"));
    assert.throws(() => primary.header(author, wrong, when()), coded("ERR_HEADER_BEACON"));
    const good = signedHeader(rules, author, 2, first);
    assert.equal(sent(primary.header(author, good, when()), TAG.vote).length, 1);
  }
});

test("a header waits for its parents, which are asked from its author once", () => {
  const primary = started();
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const signed = signedHeader(rules, 1, 2, first);
  const effects = primary.header(1, signed, when());
  assert.deepEqual(effectsOf(effects, "needCertificates"), [{ type: "needCertificates", from: 1 }]);
  assert.equal(sent(effects, TAG.vote).length, 0);
  const later = first.flatMap(({ certificate, author }) => primary.certificate(author, certificate, when()));
  assert.equal(effectsOf(later, "needCertificates").length, 0);
  assert.equal(sent(later, TAG.vote).length, 1);
});

test("a header waits for its batches, which are asked from its author once", () => {
  const stored = new Set<number>();
  const primary = started({ hasBatch: (ref) => stored.has(ref.digest[0] as number) });
  const payload = [{ digest: new Uint8Array(32).fill(9), worker: 0 }];
  const signed = signedHeader(rules, 2, 1, [], { payload });
  const effects = primary.header(2, signed, when());
  const header = bytesKey(headerDigest(rules.networkId, signed.header));
  const asked = { type: "needBatches" as const, from: 2, header, refs: payload };
  assert.deepEqual(effectsOf(effects, "needBatches"), [asked]);
  assert.equal(primary.pendingHeader(2), header);
  assert.equal(sent(primary.tick(when(1)), TAG.vote).length, 0);
  stored.add(9);
  assert.equal(sent(primary.tick(when(2)), TAG.vote).length, 1);
});

test("a header from the near future waits for its time, one from further ahead is refused", () => {
  const primary = started();
  assert.equal(
    sent(primary.header(1, signedHeader(rules, 1, 1, [], { createdAt: NOW + 90 }), when()), TAG.vote).length,
    0,
  );
  assert(primary.deadline() <= when(90).elapsed);
  assert.equal(sent(primary.tick(when(90)), TAG.vote).length, 1);
  const ahead = signedHeader(rules, 2, 1, [], { createdAt: NOW + 90 + 1001 });
  assert.throws(() => primary.header(2, ahead, when(90)), coded("ERR_HEADER_CREATED_LATE"));
});

test("parents must be a quorum of the round before and older than the header", () => {
  const primary = started();
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const second = certifiedRow(rules, 2, [1, 2, 3], first);
  for (const vertex of [...first, ...second]) primary.certificate(vertex.author, vertex.certificate, when());
  const few = signedHeader(rules, 1, 3, second.slice(0, 2));
  assert.throws(() => primary.header(1, few, when()), coded("ERR_HEADER_PARENTS"));
  const low = signedHeader(rules, 2, 3, first);
  assert.throws(() => primary.header(2, low, when()), coded("ERR_HEADER_PARENTS"));
  const early = signedHeader(rules, 3, 3, second, { createdAt: NOW - 1 });
  assert.throws(() => primary.header(3, early, when()), coded("ERR_HEADER_CREATED_EARLY"));
});

test("a header of a round that the committee has left behind is refused", () => {
  const primary = started();
  let below = certifiedRow(rules, 1, [1, 2, 3], []);
  const all = [...below];
  for (let round = 2; round <= 5; round++) {
    below = certifiedRow(rules, round, [1, 2, 3], below);
    all.push(...below);
  }
  for (const vertex of all) primary.certificate(vertex.author, vertex.certificate, when());
  assert.throws(() => primary.header(1, signedHeader(rules, 1, 1, []), when()), coded("ERR_HEADER_TOO_OLD"));
});

test("own header and vote are on disk before they leave; a quorum of votes makes a certificate that every peer gets", () => {
  const primary = primaryOf(rules);
  const effects = [...primary.start(when()), ...primary.tick(when(1000))];
  const [header] = sent(effects, TAG.header);
  assert.deepEqual(header?.to, [1, 2, 3]);
  const at = effects.findIndex((effect) => effect.type === "send" && effect.message.tag === TAG.header);
  const before = effectsOf(effects.slice(0, at), "persist").flatMap(({ writes }) => writes);
  assert.equal(before.filter(({ namespace }) => namespace === "protection").length, 2);
  const signed = decode(SignedHeader, header?.message.bytes ?? new Uint8Array());
  assert.equal(sent(primary.vote(1, voteOf(1, signed), when(1001)), TAG.certificate).length, 0);
  const done = primary.vote(2, voteOf(2, signed), when(1002));
  assert.deepEqual(sent(done, TAG.certificate)[0]?.to, [1, 2, 3]);
  assert.equal(effectsOf(done, "accepted").length, 1);
});

test("a wrong vote signature costs its sender's vote and nothing else", () => {
  const primary = primaryOf(rules);
  const effects = [...primary.start(when()), ...primary.tick(when(1000))];
  const signed = decode(SignedHeader, sent(effects, TAG.header)[0]?.message.bytes ?? new Uint8Array());
  primary.vote(1, { ...voteOf(1, signed), signature: new Uint8Array(96).fill(3) }, when(1001));
  const bad = primary.vote(2, voteOf(2, signed), when(1002));
  assert.deepEqual(effectsOf(bad, "refused"), [{ type: "refused", code: "ERR_VOTE_SIGNATURE", from: 1 }]);
  assert.equal(sent(bad, TAG.certificate).length, 0);
  assert.equal(sent(primary.vote(3, voteOf(3, signed), when(1003)), TAG.certificate).length, 1);
  assert.throws(() => primary.vote(1, voteOf(3, signed), when()), coded("ERR_MESSAGE_SENDER"));
});

test("those who have not voted get the header again, at growing intervals", () => {
  const primary = primaryOf(rules);
  const effects = [...primary.start(when()), ...primary.tick(when(1000))];
  const [header] = sent(effects, TAG.header);
  const signed = decode(SignedHeader, header?.message.bytes ?? new Uint8Array());
  primary.vote(1, voteOf(1, signed), when(1001));
  const [retry] = sent(primary.tick(when(1100)), TAG.header);
  assert.deepEqual(retry, { type: "send", to: [2, 3], message: header?.message });
  assert.equal(sent(primary.tick(when(1499)), TAG.header).length, 0);
  assert.equal(sent(primary.tick(when(1500)), TAG.header).length, 1);
});

test("after a crash the identical header leaves again, and never another one for its round", () => {
  const primary = primaryOf(rules);
  const effects = [...primary.start(when()), ...primary.tick(when(1000))];
  const [header] = sent(effects, TAG.header);
  const proposal = decode(SignedHeader, header?.message.bytes ?? new Uint8Array());
  const votes = [voteOf(0, proposal)];
  const restarted = primaryOf(rules, { recovered: { ...NOTHING, proposal, votes } });
  const again = [...restarted.start(when(5000)), ...restarted.tick(when(9000))];
  const rounds = sent(again, TAG.header).map(({ message }) => message.bytes);
  assert(rounds.length >= 1);
  for (const bytes of rounds) assert.deepEqual(bytes, header?.message.bytes);
});

test("a certificate is refused for its signers, power or signature, each with a code", () => {
  const primary = started();
  const signed = signedHeader(rules, 1, 1, []);
  const good = certify(rules, signed);
  assert.throws(
    () => primary.certificate(1, certify(rules, signed, [0, 1]), when()),
    coded("ERR_CERTIFICATE_POWER"),
  );
  const forged = { ...good, signature: new Uint8Array(96) };
  assert.throws(() => primary.certificate(1, forged, when()), coded("ERR_CERTIFICATE_SIGNATURE"));
  const wide = certify(rulesOf(7), signed);
  assert.throws(() => primary.certificate(1, wide, when()), coded("ERR_CERTIFICATE_SIGNERS"));
  const other = { ...good, header: signedHeader(rules, 1, 1, [], { createdAt: NOW - 3 }) };
  assert.throws(() => primary.certificate(1, other, when()), coded("ERR_CERTIFICATE_SIGNATURE"));
  assert.equal(effectsOf(primary.certificate(1, good, when()), "accepted").length, 1);
  assert.equal(effectsOf(primary.certificate(1, good, when()), "accepted").length, 0);
});

test("certificates that come in reverse wait for their parents and are accepted in causal order", () => {
  const primary = started();
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const second = certifiedRow(rules, 2, [1, 2, 3], first);
  const third = certifiedRow(rules, 3, [1, 2, 3], second);
  const all = [...first, ...second, ...third];
  const accepted = [...all]
    .reverse()
    .flatMap((vertex) =>
      effectsOf(primary.certificate(vertex.author, vertex.certificate, when()), "accepted"),
    );
  assert.equal(accepted.length, 9);
  assert.deepEqual(
    accepted.map(({ vertex }) => vertex.round),
    accepted.map(({ vertex }) => vertex.round).sort(),
  );
  assert.equal(primary.suspended, 0);
});

test("payload that was in a header that is not ordered goes into a later one", () => {
  const ref = { digest: new Uint8Array(32).fill(5), worker: 0 };
  const primary = primaryOf(rules);
  primary.start(when());
  const effects = [...primary.ownBatch(ref, when(900)), ...primary.tick(when(1000))];
  const [first] = sent(effects, TAG.header).map(({ message }) => decode(SignedHeader, message.bytes));
  assert.deepEqual(first?.header.payload, [ref]);
  // nobody votes for it; the others go on
  let below = certifiedRow(rules, 1, [1, 2, 3], []);
  const headers: SignedHeader[] = [];
  for (let round = 1; round <= 14; round++) {
    const out = below.flatMap(({ author, certificate }) =>
      primary.certificate(author, certificate, when(1000 * round + 1000)),
    );
    headers.push(
      ...sent([...out, ...primary.tick(when(1000 * round + 1900))], TAG.header).map(({ message }) =>
        decode(SignedHeader, message.bytes),
      ),
    );
    below = certifiedRow(rules, round + 1, [1, 2, 3], below);
  }
  assert(headers.some(({ header }) => header.round > 1 && header.payload.length === 1));
});

test("vertices of another network or epoch have other digests", () => {
  const signed = signedHeader(rules, 1, 1, []);
  const here = vertexOf(NETWORK_ID, certify(rules, signed)).id;
  assert.notEqual(vertexOf(new Uint8Array(32), certify(rules, signed)).id, here);
});
