import assert from "node:assert/strict";
import { test } from "node:test";
import { INITIAL_CURSOR } from "#node/consensus/bullshark.ts";
import type { EpochRules } from "#node/consensus/header.ts";
import type { Primary } from "#node/consensus/primary.ts";
import type { PeerMessage } from "#node/consensus/wire.ts";
import type { SignatureSet } from "#node/interface/crypto.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { mockVerifier } from "#test/node/chain/support/mock-crypto.ts";
import { rulesOf } from "./support/dag-builder.ts";
import { certifiedRow, certify, NOTHING, primaryOf, signedHeader, voteOf, when } from "./support/peers.ts";

const coded = (code: string) => (error: unknown) => isFlkError(error, code);

/** Rules whose verifier writes down what it is asked. */
function listening(): { rules: EpochRules; asked: SignatureSet[] } {
  const asked: SignatureSet[] = [];
  const verifier = {
    ...mockVerifier,
    verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array) {
      asked.push({ keys: [key], message, signature });
      return mockVerifier.verify(key, message, signature);
    },
    verifyAggregate(keys: Uint8Array[], message: Uint8Array, signature: Uint8Array) {
      asked.push({ keys, message, signature });
      return mockVerifier.verifyAggregate(keys, message, signature);
    },
  };
  return { rules: { ...rulesOf(4), verifier }, asked };
}

function apply(primary: Primary, from: number, message: PeerMessage): void {
  if (message.type === "header") primary.header(from, message.signed, when());
  else if (message.type === "vote") primary.vote(from, message.vote, when());
  else primary.certificate(from, message.certificate, when());
}

test("what is said to be unchecked is what the event then asks the verifier about, and nothing once it is known", () => {
  const { rules, asked } = listening();
  const primary = primaryOf(rules);
  primary.start(when());
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const second = certifiedRow(rules, 2, [1, 2, 3], first);
  const messages: [from: number, message: PeerMessage, signatures: number][] = [
    [1, { type: "header", signed: signedHeader(rules, 1, 1, []) }, 1],
    ...first.map(
      ({ author, certificate }) =>
        [author, { type: "certificate", certificate }, 1] as [number, PeerMessage, number],
    ),
    // of a round with an anchor: with a beacon
    [2, { type: "header", signed: signedHeader(rules, 2, 2, first) }, 2],
    [3, { type: "certificate", certificate: second[2]?.certificate ?? assert.fail() }, 1],
  ];
  for (const [from, message, signatures] of messages) {
    const unchecked = primary.unchecked(from, message);
    assert.equal(unchecked.length, signatures);
    asked.length = 0;
    apply(primary, from, message);
    assert.deepEqual(unchecked, asked);
    assert.deepEqual(primary.unchecked(from, message), []);
  }
});

test("a header that waits, and a certificate that is suspended, are not checked again", () => {
  const { rules } = listening();
  const primary = primaryOf(rules);
  primary.start(when());
  const first = certifiedRow(rules, 1, [1, 2, 3], []);
  const header: PeerMessage = { type: "header", signed: signedHeader(rules, 1, 2, first) };
  const certificate: PeerMessage = {
    type: "certificate",
    certificate: certify(rules, signedHeader(rules, 2, 2, first)),
  };
  const messages: [from: number, message: PeerMessage][] = [
    [1, header],
    [2, certificate],
  ];
  for (const [from, message] of messages) apply(primary, from, message);
  assert.ok(primary.pendingHeader(1) && primary.suspended === 1);
  for (const [from, message] of messages) assert.deepEqual(primary.unchecked(from, message), []);
});

test("a certificate of a collected round is refused before anything of it is to be checked", () => {
  const { rules, asked } = listening();
  const cursor = { ...INITIAL_CURSOR, lastCommittedRound: 60 };
  const primary = primaryOf(rules, { recovered: { ...NOTHING, cursor } });
  primary.start(when());
  const message = {
    type: "certificate",
    certificate: certify(rules, signedHeader(rules, 1, 1, [])),
  } as const;
  asked.length = 0;
  assert.throws(() => primary.unchecked(1, message), coded("ERR_CERTIFICATE_TOO_OLD"));
  assert.throws(() => apply(primary, 1, message), coded("ERR_CERTIFICATE_TOO_OLD"));
  assert.equal(asked.length, 0);
});

test("nothing of what the event refuses before it checks a signature is to be checked; of votes nothing is", () => {
  const { rules, asked } = listening();
  const primary = primaryOf(rules);
  primary.start(when());
  const signed = signedHeader(rules, 1, 1, []);
  const vote = { type: "vote", vote: voteOf(1, signed) } as const;
  assert.deepEqual(primary.unchecked(1, vote), []);
  const refused: [code: string, message: PeerMessage][] = [
    ["ERR_MESSAGE_SENDER", { type: "header", signed: signedHeader(rules, 2, 1, []) }],
    ["ERR_MESSAGE_SENDER", { type: "header", signed: signedHeader(rules, 2, 1, [], { epoch: 4 }) }],
    ["ERR_EPOCH_FOREIGN", { type: "header", signed: signedHeader(rules, 1, 1, [], { epoch: 4 }) }],
    ["ERR_HEADER_PARENTS", { type: "header", signed: signedHeader(rules, 1, 1, [], { parents: [] }) }],
    ["ERR_CERTIFICATE_POWER", { type: "certificate", certificate: certify(rules, signed, [0, 1]) }],
  ];
  for (const [code, message] of refused) {
    assert.throws(() => primary.unchecked(1, message), coded(code));
    asked.length = 0;
    assert.throws(() => apply(primary, 1, message), coded(code));
    assert.equal(asked.length, 0);
  }
});
