import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CERTIFICATES_TAG, FetchResponse } from "#node/chain/narwhal/certificate-server.ts";
import { TAG } from "#node/consensus/wire.ts";
import { decode } from "#protocol/types/codec.ts";
import { Certificate, SignedHeader, Vote } from "#protocol/types/consensus.ts";
import { mockVerifier } from "./support/mock-crypto.ts";
import { TestNet, type TestNode } from "./support/net.ts";

const WINDOW = 6_000;
const VICTIM = 2;
const LIAR = 3;
const STRANGER = 5;
const REJECTED = "flk_rejected_messages_total";

/** A node that listens for its own key, and messages that came before. */
async function listening() {
  const net = new TestNet({ narwhal: true, nodes: 5, parameters: { epochLengthMs: 60_000n } });
  const seen = new Map<number, Uint8Array>();
  net.hub.observe = (from, _to, channel, message) => {
    const own = message[0] === TAG.certificate || from === VICTIM;
    if (channel === "consensus" && own) seen.set(message[0] ?? 0, message.slice(1));
  };
  await net.startAll([1, 2, 3, 4, 5]);
  await net.clock.advance(2_000);
  net.doppelganger = { windowMs: WINDOW };
  const node = await net.start(VICTIM, await net.crash(VICTIM));
  await net.clock.advance(300);
  const message = (tag: number) => seen.get(tag) ?? assert.fail();
  return { net, node, message };
}

function forgedCertificate(bytes: Uint8Array, round: number): Certificate {
  const certificate = decode(Certificate, bytes);
  certificate.header.header.round = round;
  for (let i = 0; i < certificate.signers.bitLen; i++) certificate.signers.set(i, true);
  return certificate;
}

const handle = async (node: TestNode, from: number, tag: number, body: Uint8Array) =>
  node.network.messages.get("consensus")?.(from, Uint8Array.of(tag, ...body));

test("whoever claims signatures of ours that are none is blamed, also while we listen", async () => {
  const { net, node, message } = await listening();
  const certificate = Certificate.serialize(forgedCertificate(message(TAG.certificate), 1_000));
  const header = decode(SignedHeader, message(TAG.header));
  header.header.round = 1_000;
  const vote = decode(Vote, message(TAG.vote));
  vote.round = 1_000;
  const blamed = { code: "ERR_CERTIFICATE_SIGNATURE" };
  await assert.rejects(handle(node, LIAR, TAG.certificate, certificate), blamed);
  await assert.rejects(handle(node, LIAR, TAG.header, SignedHeader.serialize(header)), {
    code: "ERR_HEADER_SIGNATURE",
  });
  await assert.rejects(handle(node, LIAR, TAG.vote, Vote.serialize(vote)), { code: "ERR_VOTE_SIGNATURE" });
  assert.equal(node.metrics.value(REJECTED, { peer: String(LIAR) }), 3);
  await net.until("it begins", () => node.chain.head().blocks > 0 && node.fatal.length === 0);
  await net.clock.advance(2 * WINDOW);
  await assert.rejects(handle(node, LIAR, TAG.certificate, certificate), blamed);
  assert.deepEqual(node.fatal, []);
  await net.stop();
});

test("nodes outside the committee are refused before anything is verified for them", async (t: TestContext) => {
  const { net, node, message } = await listening();
  const certificate = Certificate.serialize(forgedCertificate(message(TAG.certificate), 1_000));
  const verified = t.mock.method(mockVerifier, "verifyAggregate");
  await assert.rejects(handle(node, STRANGER, TAG.certificate, certificate), { code: "ERR_MESSAGE_SENDER" });
  assert.equal(verified.mock.callCount(), 0);
  await net.stop();
});

test("a member that answers with forged certificates is dropped at the first, and asked less and less", async (t: TestContext) => {
  const { net, node, message } = await listening();
  const bytes = message(TAG.certificate);
  const forged = Array.from({ length: 200 }, (_, i) =>
    Certificate.serialize(forgedCertificate(bytes, 1_000 + i)),
  );
  net.hub.tampers.set(LIAR, (answer, channel, request, to) =>
    channel === "sync" && request[0] === CERTIFICATES_TAG && to === VICTIM
      ? FetchResponse.serialize(forged)
      : answer,
  );
  let lies = 0;
  const verify = mockVerifier.verifyAggregate;
  t.mock.method(mockVerifier, "verifyAggregate", (...args: Parameters<typeof verify>) => {
    const valid = verify(...args);
    if (!valid) lies++;
    return valid;
  });
  await net.clock.advance(WINDOW);
  assert.ok(lies >= 1 && lies <= 4, `${lies}`);
  const answers = node.metrics.value(REJECTED, { peer: String(LIAR) });
  assert.ok(answers >= lies && answers <= 4, `${answers}`);
  assert.deepEqual(node.fatal, []);
  await net.stop();
});
