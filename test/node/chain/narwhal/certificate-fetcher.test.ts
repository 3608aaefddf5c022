import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateFetcher } from "#node/chain/narwhal/certificate-fetcher.ts";
import { FetchRequest, FetchResponse, serveCertificates } from "#node/chain/narwhal/certificate-server.ts";
import type { Vertex } from "#node/consensus/dag.ts";
import { certificateWrite } from "#node/consensus/records.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { MAX_MESSAGE_BYTES } from "#protocol/params/limits.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate } from "#protocol/types/consensus.ts";
import { type Answer, epochParts } from "#test/node/chain/support/epoch-parts.ts";
import { rulesOf } from "#test/node/consensus/support/dag-builder.ts";
import { certifiedRow, NOW, primaryOf, when } from "#test/node/consensus/support/peers.ts";

const rules = rulesOf(4);
const REJECTED = "flk_rejected_messages_total";

/** Rounds 1 … `rounds` of members 1 to 3. */
function rowsOf(rounds: number): Vertex[] {
  const all: Vertex[] = [];
  let below: Vertex[] = [];
  for (let round = 1; round <= rounds; round++) {
    below = certifiedRow(rules, round, [1, 2, 3], below);
    all.push(...below);
  }
  return all;
}

const bytesOf = ({ certificate }: Vertex) => Certificate.serialize(certificate);

function fetching(answer: Answer, timing = {}) {
  const asked: number[] = [];
  const parts = epochParts(rules, NOW, async (to, tag, message) => {
    asked.push(to);
    return answer(to, tag, message);
  });
  const primary = primaryOf(rules, { timing: { ...parts.deps.timing, ...timing } });
  primary.start(when());
  const deliver = (from: number, certificate: Certificate) => {
    primary.certificate(from, certificate, { elapsed: parts.clock.elapsed(), unix: parts.clock.now() });
  };
  const fetcher = new CertificateFetcher(parts.deps, parts.mux, parts.tasks, primary, deliver);
  return { ...parts, primary, fetcher, asked };
}

test("what is missing is fetched in order, and what is there is not asked for again", async () => {
  const all = rowsOf(6);
  const { primary, fetcher, clock, asked, fatal } = fetching(async (_, __, message) => {
    const { after, have } = decode(FetchRequest, message);
    const known = ({ round, author }: Vertex) =>
      have[round - after - 1]?.get(rules.committee.indexOf(author)) === true;
    return FetchResponse.serialize(
      all
        .filter((vertex) => !known(vertex))
        .map(bytesOf)
        .slice(0, 7),
    );
  });
  fetcher.want(2);
  await clock.advance(1000);
  assert.equal(primary.dag.highestRound, 6);
  assert.equal(primary.acceptedCount, 18);
  assert.equal(asked[0], 2);
  assert(asked.length >= 3);
  assert.deepEqual(fatal, []);
});

test("an answer that does not parse is counted against its sender, and another member is asked", async () => {
  const all = rowsOf(2);
  const { primary, fetcher, clock, metrics } = fetching(async (to) =>
    to === 2 ? Uint8Array.of(9, 9, 9) : FetchResponse.serialize(all.map(bytesOf)),
  );
  fetcher.want(2);
  await clock.advance(50);
  assert.equal(primary.acceptedCount, 0);
  assert.equal(metrics.value(REJECTED, { reason: "ERR_DECODE" }), 1);
  fetcher.want(3);
  await clock.advance(1000);
  assert.equal(primary.acceptedCount, 6);
});

test("one bad certificate ends its answer: nothing after it is taken from that sender", async () => {
  const all = rowsOf(3);
  const forged = { ...(all[4] as Vertex).certificate, signature: new Uint8Array(96) };
  const items = all.map(bytesOf);
  const { primary, fetcher, clock, metrics } = fetching(async (to) => {
    const answer = to === 2 ? [...items.slice(0, 4), Certificate.serialize(forged), ...items.slice(5)] : [];
    return FetchResponse.serialize(answer);
  });
  fetcher.want(2);
  await clock.advance(30);
  assert.equal(primary.acceptedCount, 4);
  await clock.advance(5000);
  assert.equal(primary.acceptedCount, 4);
  assert((metrics.value(REJECTED, { reason: "ERR_CERTIFICATE_SIGNATURE" }) ?? 0) > 0);
});

test("rounds that are collected while an answer is taken in are skipped, and the rest of it counts", async () => {
  const all = rowsOf(16);
  const late = certifiedRow(rules, 1, [0], []);
  const { primary, fetcher, clock, metrics } = fetching(
    async () => FetchResponse.serialize([...all.slice(0, 39), ...late, ...all.slice(39)].map(bytesOf)),
    { gcDepth: 8 },
  );
  fetcher.want(2);
  await clock.advance(2000);
  assert(primary.dag.gcRound > 1);
  assert.equal(primary.dag.highestRound, 16);
  assert((metrics.value(REJECTED, { reason: "ERR_CERTIFICATE_TOO_OLD" }) ?? 0) > 0);
  assert.equal(metrics.value(REJECTED, { reason: "ERR_PARENT_MISSING" }) ?? 0, 0);
});

test("answers are bounded: no list longer than its limit is read, none larger than a message is made", async () => {
  const { primary, fetcher, clock, metrics } = fetching(async () => {
    const empty = new Uint8Array(4 * 2001);
    const view = new DataView(empty.buffer);
    for (let at = 0; at < 2001; at++) view.setUint32(4 * at, empty.length, true);
    return empty;
  });
  fetcher.want(2);
  await clock.advance(50);
  assert.equal(primary.acceptedCount, 0);
  assert.equal(metrics.value(REJECTED, { reason: "ERR_DECODE" }), 1);

  const { deps, disk } = epochParts(rules, NOW, async () => new Uint8Array());
  const all = rowsOf(700);
  await disk.write(all.map(certificateWrite));
  const question = FetchRequest.serialize({ epoch: deps.epoch, after: 0, have: [] });
  const answer = await serveCertificates(deps, 2, question);
  assert(answer.length <= MAX_MESSAGE_BYTES);
  const given = decode(FetchResponse, answer);
  assert(given.length > 100 && given.length < all.length);
  assert.deepEqual(given[0], bytesOf(all[0] as Vertex));
  await assert.rejects(serveCertificates(deps, 9, question));
});

test("who does not answer is asked once while others give, also when it names itself; who has nothing more to give is not passed over", async () => {
  const all = rowsOf(8);
  let there = 0;
  const { primary, fetcher, clock, asked } = fetching(async (to, _, message) => {
    if (to === 1) throw new FlkError("ERR_REQUEST_TIMEOUT", "it is down");
    const { after, have } = decode(FetchRequest, message);
    const known = ({ round, author }: Vertex) =>
      have[round - after - 1]?.get(rules.committee.indexOf(author)) === true;
    return FetchResponse.serialize(
      all
        .slice(0, there)
        .filter((vertex) => !known(vertex))
        .map(bytesOf),
    );
  });
  for (let round = 1; round <= 8; round++) {
    for (let i = 0; i < 3; i++) {
      fetcher.want(undefined);
      await clock.advance(300);
    }
    there = 3 * round;
    fetcher.want(1);
    await clock.advance(300);
    assert.equal(primary.dag.highestRound, round);
  }
  assert.equal(asked.filter((to) => to === 1).length, 1);
  assert(asked.includes(2) && asked.includes(3));
});

test("a member that keeps one waiting costs half a second, and what it gives in the end still counts", async () => {
  const all = rowsOf(4);
  const below = FetchResponse.serialize(all.slice(0, 6).map(bytesOf));
  const above = FetchResponse.serialize(all.slice(6).map(bytesOf));
  let answer = (_: Uint8Array): void => assert.fail("nobody asked");
  const { primary, fetcher, clock, asked } = fetching(async (to) => {
    if (to === 1) return new Promise<Uint8Array>((resolve) => (answer = resolve));
    return asked.length === 2 ? below : FetchResponse.serialize([]);
  });
  primary.certificate(1, (all[3] as Vertex).certificate, when());
  fetcher.want(1);
  await clock.advance(1000);
  assert.equal(primary.dag.highestRound, 2);
  assert.equal(asked.filter((to) => to === 1).length, 1);
  answer(above);
  await clock.advance(1000);
  assert.equal(primary.dag.highestRound, 4);
});

for (const ms of [2900, 900, 480]) {
  test(`a member that gives one certificate in ${ms} ms does not keep others from being asked`, async () => {
    const all = rowsOf(20);
    const { primary, fetcher, clock } = fetching(async (to, _, message) => {
      const { after, have } = decode(FetchRequest, message);
      const known = ({ round, author }: Vertex) =>
        have[round - after - 1]?.get(rules.committee.indexOf(author)) === true;
      const missing = all.filter((vertex) => !known(vertex)).map(bytesOf);
      await new Promise<void>((resolve) => clock.after(to === 1 ? ms : 20, resolve));
      return FetchResponse.serialize(to === 1 ? missing.slice(0, 1) : missing);
    });
    primary.certificate(3, (all.at(-1) as Vertex).certificate, when());
    for (let i = 0; i < 3; i++) {
      fetcher.want(1);
      await clock.advance(1000);
    }
    assert.equal(primary.acceptedCount, 60);
  });
}
