import assert from "node:assert/strict";
import { test } from "node:test";
import { BitArray } from "@chainsafe/ssz";
import { assertValidSettlementCertificate } from "#node/chain/settlement/certificate.ts";
import type { ClosedRecord } from "#node/chain/settlement/closed-record.ts";
import { posterRank } from "#node/chain/settlement/poster.ts";
import { Settler } from "#node/chain/settlement/settler.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { errorCode } from "#protocol/errors/error.ts";
import type { Committee } from "#protocol/types/committee.ts";
import type { SettlementShare } from "#protocol/types/consensus.ts";
import type { Settlement, SettlementCertificate } from "#protocol/types/settlement.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { World } from "#test/node/transition/support/world.ts";
import { mockSigner, mockVerifier } from "./support/mock-crypto.ts";

const world = new World({ nodes: 6 });
const { networkId } = world.network;
const seed = world.state.seed;
const closed = world.close();
const { settlement, committee, nextCommittee } = closed;
const record: ClosedRecord = { settlement, committee, nextCommittee, seed, nextSeed: closed.seed };

function share(node: number, of: Settlement = settlement): SettlementShare {
  const digest = settlementDigest(of);
  const signer = mockSigner(world.node(node).consensus.publicKey);
  return {
    epoch: of.epoch,
    digest,
    node,
    signature: signer.sign(settlementMessage(networkId, of.epoch, digest)),
  };
}

function certificate(nodes: number[], of: Settlement = settlement): SettlementCertificate {
  const signers = BitArray.fromBoolArray(committee.members.map(({ nodeId }) => nodes.includes(nodeId)));
  const signature = mockVerifier.aggregate(nodes.map((node) => share(node, of).signature));
  return { settlement: of, committee, nextCommittee, signers, signature };
}

function codeOf(given: SettlementCertificate): string {
  try {
    assertValidSettlementCertificate(networkId, mockVerifier, record, given);
    return "OK";
  } catch (error) {
    return errorCode(error);
  }
}

function withMembers(change: (members: Committee["members"]) => Committee["members"]): SettlementCertificate {
  const members = change(committee.members);
  const good = certificate([1, 2, 3]);
  const signers = BitArray.fromBoolArray(members.map((_, i) => i < 3));
  return { ...good, committee: { ...committee, members }, signers };
}

test("a settlement certificate by 2f+1 of the committee is accepted", () => {
  assert.equal(codeOf(certificate([1, 2, 3])), "OK");
  assert.equal(codeOf(certificate([1, 2, 3, 4])), "OK");
});

test("duplicate, unsorted and foreign signers are refused", () => {
  const [a, b, c, d] = committee.members;
  if (!a || !b || !c || !d) assert.fail();
  const stranger = { ...d, nodeId: 6, consensusKey: world.node(6).consensus.publicKey };
  assert.equal(codeOf(withMembers(() => [a, a, b, c])), "ERR_CERTIFICATE_COMMITTEE");
  assert.equal(codeOf(withMembers(() => [b, a, c, d])), "ERR_CERTIFICATE_COMMITTEE");
  assert.equal(codeOf(withMembers(() => [a, b, c, stranger])), "ERR_CERTIFICATE_COMMITTEE");
  const twice = mockVerifier.aggregate([share(1), share(1), share(2)].map((s) => s.signature));
  assert.equal(codeOf({ ...certificate([1, 2, 3]), signature: twice }), "ERR_CERTIFICATE_SIGNATURE");
  const long = BitArray.fromBoolArray([true, true, true, false, true]);
  assert.equal(codeOf({ ...certificate([1, 2, 3]), signers: long }), "ERR_CERTIFICATE_SIGNERS");
});

test("too little power, another epoch, another next committee are refused; a signed other settlement is fatal", () => {
  assert.equal(codeOf(certificate([1, 2])), "ERR_CERTIFICATE_POWER");
  assert.equal(codeOf(certificate([1, 2, 3], { ...settlement, epoch: 1 })), "ERR_CERTIFICATE_MISMATCH");
  assert.equal(codeOf({ ...certificate([1, 2, 3]), nextCommittee: committee }), "ERR_CERTIFICATE_COMMITTEE");
  const otherState = { ...settlement, stateRoot: seedOf("other") };
  assert.equal(codeOf({ ...certificate([1, 2, 3]), settlement: otherState }), "ERR_CERTIFICATE_SIGNATURE");
  assert.equal(codeOf(certificate([1, 2, 3], otherState)), "ERR_STATE_DIVERGED");
});

function settle() {
  const rejected: string[] = [];
  const persisted: SettlementCertificate[] = [];
  let settled = 0;
  const settler = new Settler({
    networkId,
    verifier: mockVerifier,
    rejected: (reason, node) => rejected.push(`${reason} ${node}`),
    heard: () => undefined,
    persist: async (given) => void persisted.push(given),
    settled: () => settled++,
  });
  return { settler, rejected, persisted, settled: () => settled };
}

test("shares of distinct members make one certificate; duplicates and strangers do not count", async () => {
  const { settler, rejected, persisted, settled } = settle();
  await settler.closed(record, share(1));
  await settler.add(share(2), 2);
  await settler.add(share(2), 2);
  await settler.add(share(6), 6);
  await settler.add(share(3), 4);
  await settler.add(share(4, { ...settlement, stateRoot: seedOf("other") }), 4);
  assert.equal(persisted.length, 0);
  assert.deepEqual(rejected, [
    "settlement_share_stranger 6",
    "settlement_share_sender 4",
    "settlement_share_mismatch 4",
  ]);
  await Promise.all([settler.add(share(3), 3), settler.add(share(4), 4)]);
  assert.equal(persisted.length, 1);
  assert.equal(settled(), 1);
  assert.equal(codeOf(persisted[0] ?? assert.fail()), "OK");
  assert.equal(settler.waiting(), undefined);
});

test("a forged share is isolated at the quorum", async () => {
  const { settler, rejected, persisted } = settle();
  await settler.closed(record, share(1));
  await settler.add({ ...share(2), signature: new Uint8Array(96).fill(1) }, 2);
  await settler.add(share(3), 3);
  assert.equal(persisted.length, 0);
  assert.deepEqual(rejected, ["settlement_share_signature 2"]);
  await settler.add(share(4), 4);
  assert.equal(persisted.length, 1);
});

test("shares that come before the own close count after it", async () => {
  const { settler, persisted } = settle();
  for (const node of [2, 3, 4]) await settler.add(share(node), node);
  await settler.closed(record, share(1));
  assert.equal(persisted.length, 1);
});

test("an old member without a seat and a new member both are told", async () => {
  const { settler } = settle();
  await settler.closed(record, share(1));
  const audience = settler.waiting()?.audience ?? new Set();
  for (const { nodeId } of [...committee.members, ...nextCommittee.members]) assert.ok(audience.has(nodeId));
});

test("every old member has its own posting rank, others have none", () => {
  const ranks = [1, 2, 3, 4, 5].map((node) => posterRank(networkId, closed.seed, committee, node));
  assert.deepEqual(ranks.slice(0, 4).sort(), [0, 1, 2, 3]);
  assert.equal(ranks[4], -1);
});
