import assert from "node:assert/strict";
import { test } from "node:test";
import type { Effect } from "#node/consensus/effects.ts";
import { TAG } from "#node/consensus/wire.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { decode } from "#protocol/types/codec.ts";
import { SignedHeader } from "#protocol/types/consensus.ts";
import { rulesOf } from "./support/dag-builder.ts";
import { certifiedRow, effectsOf, NOW, primaryOf, signedHeader, when } from "./support/peers.ts";

const MINUTE = 60_000;
const rules = rulesOf(4);
const coded = (code: string) => (error: unknown) => isFlkError(error, code);
const sent = (effects: readonly Effect[], tag: number) =>
  effectsOf(effects, "send").filter(({ message }) => message.tag === tag);
const first = certifiedRow(rules, 1, [1, 2, 3], []);

for (const step of [-MINUTE, MINUTE]) {
  test(`headers, retries and requests leave when they would have, after a step of ${step} ms`, () => {
    const primary = primaryOf(rules);
    primary.start(when());
    const [header] = sent(primary.tick(when(1000, step)), TAG.header);
    assert(header);
    assert.equal(primary.deadline(), when(1100).elapsed);
    assert.equal(sent(primary.tick(when(1099, step)), TAG.header).length, 0);
    assert.equal(sent(primary.tick(when(1100, step)), TAG.header).length, 1);
    for (const ms of [1500, 2000]) primary.tick(when(ms, step));
    assert.equal(effectsOf(primary.tick(when(2599, step)), "needCertificates").length, 0);
    assert.equal(effectsOf(primary.tick(when(2600, step)), "needCertificates").length, 1);
  });
}

test("what a peer made before the clocks were set back gets its vote, also when it has to wait; what is further ahead gets none", () => {
  const primary = primaryOf(rules);
  primary.start(when());
  const ahead = signedHeader(rules, 1, 1, [], { createdAt: NOW + 900 });
  assert.equal(sent(primary.header(1, ahead, when(0, -MINUTE)), TAG.vote).length, 0);
  assert.equal(sent(primary.tick(when(899, -MINUTE)), TAG.vote).length, 0);
  assert.equal(sent(primary.tick(when(900, -MINUTE)), TAG.vote).length, 1);
  const further = signedHeader(rules, 2, 1, [], { createdAt: NOW + 1001 });
  assert.throws(() => primary.header(2, further, when(900, -MINUTE)), coded("ERR_HEADER_CREATED_LATE"));
});

test("a creation time that a quorum took already is not ahead of ours, however far our clock was set back; a later one is", () => {
  const primary = primaryOf(rules);
  primary.start(when(0, -MINUTE));
  for (const { author, certificate } of first) primary.certificate(author, certificate, when(0, -MINUTE));
  const same = signedHeader(rules, 1, 2, first);
  const later = signedHeader(rules, 2, 2, first, { createdAt: NOW + 1 });
  assert.equal(sent(primary.header(1, same, when(0, -MINUTE)), TAG.vote).length, 1);
  assert.throws(() => primary.header(2, later, when(0, -MINUTE)), coded("ERR_HEADER_CREATED_LATE"));
});

test("an own header is never created before its parents, and a minute after them when the clock is set forward", () => {
  for (const [step, createdAt] of [
    [-MINUTE, NOW],
    [MINUTE, NOW + MINUTE + 2000],
  ] as const) {
    const primary = primaryOf(rules);
    primary.start(when());
    for (const { author, certificate } of first) primary.certificate(author, certificate, when(10));
    const [header] = sent(primary.tick(when(2000, step)), TAG.header);
    assert.equal(decode(SignedHeader, header?.message.bytes ?? assert.fail()).header.createdAt, createdAt);
  }
});
