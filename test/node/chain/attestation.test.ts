import assert from "node:assert/strict";
import { test } from "node:test";
import { BitArray } from "@chainsafe/ssz";
import { assertCertified, assertValidCommitCertificate } from "#node/chain/attestation/certificate.ts";
import { AttestationCollector } from "#node/chain/attestation/collector.ts";
import { assertQuorumSignature, QuorumCollector } from "#node/chain/attestation/quorum.ts";
import { blsVerifier } from "#protocol/crypto/bls.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import { errorCode, type FlkError } from "#protocol/errors/error.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { AttestationData, CommitCertificate, SignedAttestation } from "#protocol/types/consensus.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { World } from "#test/node/transition/support/world.ts";
import { mockSigner, mockVerifier } from "./support/mock-crypto.ts";

const world = new World({ nodes: 5 });
const { networkId } = world.network;
const { committee } = world.genesis;
const data: AttestationData = {
  epoch: 0,
  index: 0,
  previous: seedOf("previous"),
  blockRoot: seedOf("block"),
  stateRoot: seedOf("state"),
};
const other: AttestationData = { ...data, stateRoot: seedOf("another state") };

function attest(node: number, of: AttestationData = data): SignedAttestation {
  const signer = mockSigner(world.node(node).consensus.publicKey);
  return { data: of, node, signature: signer.sign(attestationMessage(networkId, of)) };
}

function forge(node: number, of: AttestationData = data): SignedAttestation {
  return { data: of, node, signature: new Uint8Array(96).fill(7) };
}

function collect() {
  const certificates: CommitCertificate[] = [];
  const rejected: string[] = [];
  const diverged: FlkError[] = [];
  const collector = new AttestationCollector({
    networkId,
    verifier: mockVerifier,
    elapsed: () => 0,
    certified: (_height, certificate) => certificates.push(certificate),
    rejected: (reason, node) => rejected.push(`${reason} ${node}`),
    diverged: (error) => diverged.push(error),
  });
  return { collector, certificates, rejected, diverged };
}

test("with real BLS: a malformed and a wrong signature are isolated, and the certificate verifies", () => {
  const rejected: number[] = [];
  const message = attestationMessage(networkId, data);
  const quorum = new QuorumCollector(committee, message, blsVerifier, (node) => rejected.push(node));
  quorum.add(1, world.node(1).consensus.sign(message), true);
  quorum.add(2, new Uint8Array(96).fill(5));
  quorum.add(3, world.node(3).consensus.sign(seedOf("another message")));
  assert.equal(quorum.result(), undefined);
  assert.deepEqual(rejected, [2, 3]);
  quorum.add(2, world.node(2).consensus.sign(message));
  quorum.add(4, world.node(4).consensus.sign(message));
  const result = quorum.result() ?? assert.fail();
  assert.deepEqual(result.signers.getTrueBitIndexes(), [0, 1, 3]);
  assertQuorumSignature(blsVerifier, committee, message, result);
});

test("2f+1 attestations make a certificate that verifies, and only one", () => {
  const { collector, certificates } = collect();
  collector.executed(0, committee, data, attest(1));
  collector.add(attest(2), committee);
  collector.add(attest(2), committee);
  assert.equal(certificates.length, 0);
  collector.add(attest(4), committee);
  collector.add(attest(3), committee);
  assert.equal(certificates.length, 1);
  const certificate = certificates[0] ?? assert.fail();
  assert.deepEqual(certificate.signers.getTrueBitIndexes(), [0, 1, 3]);
  assertValidCommitCertificate(networkId, mockVerifier, committee, certificate);
  assert.deepEqual(collector.waiting(), []);
});

test("attestations that come before the block is executed count once it is", () => {
  const { collector, certificates } = collect();
  for (const node of [2, 3, 4]) collector.add(attest(node), committee, node);
  assert.equal(certificates.length, 0);
  collector.executed(0, committee, data);
  assert.equal(certificates.length, 1);
});

test("a forged signature is found, counted and does not keep the good ones from the quorum", () => {
  const { collector, certificates, rejected } = collect();
  collector.executed(0, committee, data, attest(1));
  collector.add(forge(2), committee);
  collector.add(attest(3), committee);
  assert.equal(certificates.length, 0);
  assert.deepEqual(rejected, ["attestation_signature 2"]);
  collector.add(attest(4), committee);
  assert.equal(certificates.length, 1);
  assertValidCommitCertificate(networkId, mockVerifier, committee, certificates[0] ?? assert.fail());
});

test("a forger that comes first in a member's name does not crowd it out", () => {
  const { collector, certificates, rejected } = collect();
  collector.add(forge(2), committee);
  collector.add(attest(2), committee);
  collector.executed(0, committee, data, attest(1));
  collector.add(attest(3), committee);
  assert.equal(certificates.length, 1);
  assert.deepEqual(rejected, ["attestation_signature 2"]);
});

test("strangers and senders of what others signed are refused", () => {
  const { collector, certificates, rejected } = collect();
  collector.executed(0, committee, data, attest(1));
  collector.add(attest(5), committee);
  collector.add(attest(2), committee, 3);
  assert.deepEqual(rejected, ["attestation_signature 5", "attestation_sender 3"]);
  assert.equal(certificates.length, 0);
});

test("ERR_STATE_DIVERGED once 2f+1 sign another result, not before", () => {
  const { collector, diverged } = collect();
  collector.executed(0, committee, data, attest(1));
  collector.add(attest(2, other), committee);
  collector.add(attest(2, other), committee);
  collector.add(attest(3, other), committee);
  collector.add(forge(4, other), committee);
  assert.deepEqual(diverged, []);
  collector.add(attest(4, other), committee);
  assert.deepEqual(diverged.map(errorCode), ["ERR_STATE_DIVERGED"]);
});

test("what is kept of unknown blocks is bounded", () => {
  const { collector, certificates } = collect();
  for (let index = 0; index < 10_000; index++)
    collector.add(attest(2, { ...data, index: index + 600 }), committee, 2);
  for (let i = 0; i < 100; i++) {
    const signature = new Uint8Array(96).fill(i);
    collector.add({ data, node: 3, signature }, committee);
  }
  collector.executed(0, committee, data, attest(1));
  for (const node of [2, 3]) collector.add(attest(node), committee);
  assert.equal(certificates.length, 1);
});

const block = world.block().block;
const certified = (() => {
  const { blockRoot } = world.state;
  const of: AttestationData = {
    epoch: 0,
    index: 0,
    previous: block.previous,
    blockRoot,
    stateRoot: block.stateRoot,
  };
  return { of, certificate: certificateBy([1, 2, 3], of) };
})();

function certificateBy(nodes: number[], of: AttestationData, length = 4): CommitCertificate {
  const bits = Array.from({ length }, (_, i) => nodes.includes(i + 1));
  const signature = mockVerifier.aggregate(nodes.map((node) => attest(node, of).signature));
  return { data: of, signers: BitArray.fromBoolArray(bits), signature };
}

function codeOf(certificate: CommitCertificate, of = block, by: Committee = committee): string {
  try {
    assertCertified(networkId, mockVerifier, by, { block: of, certificate });
    return "OK";
  } catch (error) {
    return errorCode(error);
  }
}

test("a certificate certifies exactly the block it was made for", () => {
  assert.equal(codeOf(certified.certificate), "OK");
  assert.equal(codeOf(certified.certificate, { ...block, time: block.time + 1 }), "ERR_CERTIFICATE_MISMATCH");
  assert.equal(
    codeOf(certified.certificate, { ...block, stateRoot: seedOf("x") }),
    "ERR_CERTIFICATE_MISMATCH",
  );
});

test("a certificate with too few, foreign or misattributed signers is refused", () => {
  const { of, certificate } = certified;
  assert.equal(codeOf(certificateBy([1, 2], of)), "ERR_CERTIFICATE_POWER");
  assert.equal(codeOf(certificateBy([1, 2, 3], of, 5)), "ERR_CERTIFICATE_SIGNERS");
  const foreign = mockVerifier.aggregate([1, 2, 5].map((node) => attest(node, of).signature));
  assert.equal(codeOf({ ...certificate, signature: foreign }), "ERR_CERTIFICATE_SIGNATURE");
  const shifted = { ...certificate, signers: BitArray.fromBoolArray([false, true, true, true]) };
  assert.equal(codeOf(shifted), "ERR_CERTIFICATE_SIGNATURE");
  assert.equal(codeOf(certificate, block, { ...committee, epoch: 1 }), "ERR_CERTIFICATE_COMMITTEE");
});
