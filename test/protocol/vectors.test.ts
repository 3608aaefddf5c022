import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { concat, type Hex, hashTypedData, keccak256, numberToHex, stringToHex } from "viem";
import { blake3, ed25519Signer, ed25519Verify } from "#crypto";
import { blsVerifyAggregate } from "#protocol/crypto/bls.ts";
import {
  ackDigest,
  delegationDigest,
  EMPTY_LOG,
  extendLog,
  originHash,
  reserveDigest,
  runHash,
  verifyAckSignature,
  verifyDelegationSignature,
  verifyReserveSignature,
} from "#protocol/digests/ack.ts";
import { isAckConflict } from "#protocol/digests/ack-conflict.ts";
import * as consensus from "#protocol/digests/consensus.ts";
import { clientHandshakeDigest, nodeHandshakeDigest } from "#protocol/digests/handshake.ts";
import { laneId, transactionId } from "#protocol/digests/ids.ts";
import { networkContext } from "#protocol/digests/network.ts";
import * as settlement from "#protocol/digests/settlement.ts";
import {
  type AccountTransaction,
  accountDigest,
  type NodeTransaction,
  nodeDigest,
  parsePayload,
  verifyAccountSignature,
  verifyNodeSignature,
} from "#protocol/digests/transactions.ts";
import { balanceRoot, payoutRoot } from "#protocol/digests/trees.ts";
import { Ack, AckConflict, Delegation, Reserve } from "#protocol/types/ack.ts";
import { decode } from "#protocol/types/codec.ts";
import { Committee } from "#protocol/types/committee.ts";
import { AttestationData, Header } from "#protocol/types/consensus.ts";
import { Handshake } from "#protocol/types/delivery.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { EpochReport, Settlement } from "#protocol/types/settlement.ts";
import { SignedTransaction } from "#protocol/types/transactions.ts";

function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

// Second ways to the same bytes: words and hashes put together by hand, as a reader of the specification would.
const word = (value: bigint | number) => numberToHex(BigInt(value), { size: 32 });
const typehash = (text: string) => keccak256(stringToHex(text));
const CONSENSUS = typehash(
  "FlkConsensus(bytes32 networkId,uint8 kind,uint64 epoch,uint256 slot,bytes32 payloadHash)",
);

function tagged(name: string, ...parts: Hex[]): Hex {
  const tag = createHash("sha256").update(`flk/${name}/v1`).digest();
  const body = createHash("sha256").update(tag);
  for (const part of parts) body.update(fromHex(part));
  return toHex(body.digest());
}

function message(networkId: Hex, kind: number, epoch: number, slot: bigint, payload: Hex): Hex {
  return keccak256(concat([CONSENSUS, networkId, word(kind), word(epoch), word(slot), payload]));
}

const u64 = (value: number): Hex => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return toHex(bytes);
};

test("networkId is keccak256(abi.encode(chainId, settlement))", () => {
  const { chainId, settlement: address, networkId } = vectors("network");
  assert.equal(toHex(networkContext(chainId, address).networkId), networkId);
  assert.equal(keccak256(concat([word(chainId), word(BigInt(address))])), networkId);
});

test("consensus messages: headers, votes, attestations, settlements", () => {
  const v = vectors("consensus");
  const id = fromHex(v.networkId);
  const header = decode(Header, fromHex(v.header.ssz));
  assert.equal(toHex(consensus.headerDigest(id, header)), v.header.digest);
  assert.equal(tagged("header", v.networkId, v.header.ssz), v.header.digest);
  assert.equal(toHex(consensus.headerMessage(id, header, fromHex(v.header.digest))), v.header.message);
  assert.equal(
    message(v.networkId, 1, header.epoch, BigInt(header.round), v.header.digest),
    v.header.message,
  );

  const vote = { ...v.vote, digest: fromHex(v.vote.digest) };
  assert.equal(toHex(consensus.voteMessage(id, vote)), v.vote.message);
  const slot = BigInt(vote.round) * 2n ** 32n + BigInt(vote.author);
  assert.equal(message(v.networkId, 2, vote.epoch, slot, v.vote.digest), v.vote.message);

  const data = decode(AttestationData, fromHex(v.attestation.ssz));
  assert.equal(toHex(consensus.attestationMessage(id, data)), v.attestation.message);
  const payload = tagged("attestation", v.networkId, v.attestation.ssz);
  assert.equal(message(v.networkId, 3, data.epoch, BigInt(data.index), payload), v.attestation.message);

  const settled = v.settlement;
  assert.equal(
    toHex(consensus.settlementMessage(id, settled.epoch, fromHex(settled.digest))),
    settled.message,
  );
  assert.equal(message(v.networkId, 4, settled.epoch, 0n, settled.digest), settled.message);
});

test("genesis certificates, beacon and draws are tagged SHA-256", () => {
  const v = vectors("consensus");
  const id = fromHex(v.networkId);
  const { epoch, opening, nodeId, digest } = v.genesisCertificate;
  assert.equal(toHex(consensus.genesisCertificateDigest(id, epoch, fromHex(opening), nodeId)), digest);
  assert.equal(tagged("genesis-certificate", v.networkId, u64(epoch), opening, u64(nodeId)), digest);
  const b = v.beacon;
  assert.equal(toHex(consensus.beaconMessage(id, fromHex(b.seed), b.epoch, b.round)), b.message);
  assert.equal(tagged("beacon", v.networkId, b.seed, u64(b.epoch), u64(b.round)), b.message);
  assert.equal(toHex(consensus.foldBeacon(id, fromHex(b.seed), fromHex(b.signature))), b.folded);
  assert.equal(tagged("beacon-fold", v.networkId, b.seed, b.signature), b.folded);
  for (const { purpose, seed, value, rank } of v.draws) {
    assert.equal(toHex(consensus.drawRank(id, purpose, fromHex(seed), value)), rank);
    assert.equal(tagged(`draw-${purpose}`, v.networkId, seed, u64(value)), rank);
  }
});

test("settlement, committee, genesis, proof of possession and report digests", () => {
  const v = vectors("settlement");
  const id = fromHex(v.networkId);
  const s = decode(Settlement, fromHex(v.settlement.ssz));
  assert.equal(toHex(settlement.settlementDigest(s)), v.settlement.digest);
  const words = Object.values(s).map((field) => (field instanceof Uint8Array ? toHex(field) : word(field)));
  assert.equal(words.length, 14);
  assert.equal(keccak256(concat([settlement.SETTLEMENT_TYPEHASH, ...words])), v.settlement.digest);

  const committee = decode(Committee, fromHex(v.committee.ssz));
  assert.equal(toHex(settlement.committeeHash(committee)), v.committee.hash);
  assert.deepEqual(settlement.toL2Committee(committee), {
    epoch: BigInt(committee.epoch),
    members: v.committee.members,
    aggregateKey: v.committee.aggregateKey,
  });
  const packed = committee.members.map((member) =>
    concat([
      numberToHex(member.nodeId, { size: 4 }),
      numberToHex(member.keyVersion, { size: 4 }),
      numberToHex(member.power, { size: 8 }),
    ]),
  );
  assert.equal(concat(packed), v.committee.members);
  const committeeType = typehash("FlkCommittee(uint64 epoch,bytes members,bytes aggregateKey)");
  const parts = [word(committee.epoch), keccak256(v.committee.members), keccak256(v.committee.aggregateKey)];
  assert.equal(keccak256(concat([committeeType, ...parts])), v.committee.hash);

  const signing = committee.members.filter(({ nodeId }) => !v.certificate.nonSigners.includes(nodeId));
  const keys = signing.map(({ consensusKey }) => consensusKey);
  assert.ok(blsVerifyAggregate(keys, fromHex(v.settlement.message), fromHex(v.certificate.signature)));

  const g = v.genesis;
  assert.equal(
    toHex(settlement.genesisDigest(id, fromHex(g.committeeHash), g.startTime, g.l2Number)),
    g.digest,
  );
  const genesisType = typehash(
    "FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)",
  );
  const genesis = concat([genesisType, v.networkId, g.committeeHash, word(g.startTime), word(g.l2Number)]);
  assert.equal(keccak256(genesis), g.digest);

  const r = v.restart;
  const [lastActive, hash] = [fromHex(r.lastActive), fromHex(r.committeeHash)];
  assert.equal(toHex(settlement.restartDigest(id, lastActive, hash, r.resumeEpoch, r.restarts)), r.digest);
  const restartType = typehash(
    "FlkRestart(bytes32 networkId,bytes32 lastActive,bytes32 committeeHash,uint64 resumeEpoch,uint64 restarts)",
  );
  const restart = [r.lastActive, r.committeeHash, word(r.resumeEpoch), word(r.restarts)];
  assert.equal(keccak256(concat([restartType, v.networkId, ...restart])), r.digest);

  const p = v.proofOfPossession;
  assert.equal(toHex(settlement.popMessage(id, p.owner, fromHex(p.keyEip2537))), p.message);
  const popType = typehash("FlkProofOfPossession(bytes32 networkId,address owner,bytes key)");
  assert.equal(
    keccak256(concat([popType, v.networkId, word(BigInt(p.owner)), keccak256(p.keyEip2537)])),
    p.message,
  );

  const report = decode(EpochReport, fromHex(v.report.ssz));
  assert.equal(toHex(settlement.reportHash(report)), v.report.hash);
  assert.equal(keccak256(v.report.ssz), v.report.hash);
});

test("payout and balance roots are those of OpenZeppelin's tree, and zero for nothing", () => {
  const { report: reported, trees } = vectors("settlement");
  const report = decode(EpochReport, fromHex(reported.ssz));
  assert.equal(toHex(payoutRoot(report.payouts)), trees.payoutRoot);
  assert.equal(toHex(balanceRoot(report.balances)), trees.balanceRoot);
  for (const { account, stable, flk, proof } of trees.payoutProofs) {
    const leaf = [account, stable, flk];
    assert.ok(StandardMerkleTree.verify(trees.payoutRoot, ["address", "uint256", "uint256"], leaf, proof));
  }
  assert.deepEqual(payoutRoot([]), new Uint8Array(32));
  assert.deepEqual(balanceRoot([]), new Uint8Array(32));
});

test("account transactions: EIP-712 digests, wallet signatures, ids", () => {
  const v = vectors("transactions");
  const network = networkContext(v.chainId, v.settlement);
  const types = {
    transfer: "account:address nonce:uint64 to:address amount:uint64",
    withdraw: "account:address nonce:uint64 amount:uint64",
    authorizeSession: "account:address nonce:uint64 scheme:uint8 key:bytes32 expiryEpoch:uint64 limit:uint64",
    revokeSession: "account:address nonce:uint64 key:bytes32",
  };
  assert.deepEqual(
    v.accountSigned.map(({ name }: { name: string }) => name),
    Object.keys(types),
  );
  for (const { name, kind, payload, digest, signature, wire, id } of v.accountSigned) {
    const tx = parsePayload(kind, fromHex(payload)) as AccountTransaction;
    assert.equal(toHex(accountDigest(network, tx)), digest);
    const fields = types[name as keyof typeof types].split(" ").map((field) => {
      const [fieldName, type] = field.split(":") as [string, string];
      return { name: fieldName, type };
    });
    const primaryType = (name[0] as string).toUpperCase() + name.slice(1);
    const body = Object.entries(tx.body).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? toHex(value) : BigInt(value),
    ]);
    const domain = { name: "flk", version: "1", chainId: v.chainId, verifyingContract: v.settlement };
    const again = hashTypedData({
      domain,
      types: { [primaryType]: fields },
      primaryType,
      message: Object.fromEntries(body),
    });
    assert.equal(again, digest);
    assert.ok(verifyAccountSignature(network, tx, fromHex(signature)));
    const signed = decode(SignedTransaction, fromHex(wire));
    assert.deepEqual(
      [signed.kind, toHex(signed.payload), toHex(signed.signature)],
      [kind, payload, signature],
    );
    assert.equal(toHex(transactionId(fromHex(wire))), id);
  }
});

test("node transactions: tagged digests, Ed25519 signatures, ids", () => {
  const v = vectors("transactions");
  const network = networkContext(v.chainId, v.settlement);
  assert.equal(v.nodeSigned.length, 5);
  for (const { kind, payload, digest, signer, wire, id } of v.nodeSigned) {
    const tx = parsePayload(kind, fromHex(payload)) as NodeTransaction;
    assert.equal(toHex(nodeDigest(network, tx)), digest);
    assert.equal(tagged(`tx-${kind}`, v.networkId, payload), digest);
    const signed = decode(SignedTransaction, fromHex(wire));
    assert.ok(verifyNodeSignature(network, tx, fromHex(signer), signed.signature));
    assert.equal(toHex(transactionId(fromHex(wire))), id);
  }
});

test("handshakes: SSZ, both digests and both signatures", () => {
  const { networkId, secrets, handshake: v } = vectors("acks");
  const of = decode(Handshake, fromHex(v.ssz));
  const numbers = Buffer.alloc(13);
  numbers.writeUInt32LE(of.node, 0);
  numbers.writeUInt32LE(of.service, 4);
  numbers.writeUInt8(of.commodity, 8);
  numbers.writeUInt32LE(of.lane, 9);
  const bytes = [of.account, of.session, numbers, of.clientChallenge, of.nodeChallenge];
  assert.equal(concat(bytes.map((part) => toHex(part))), v.ssz);
  assert.equal(tagged("handshake-node", networkId, v.ssz), v.nodeDigest);
  assert.equal(tagged("handshake-client", networkId, v.ssz), v.clientDigest);
  assert.equal(toHex(nodeHandshakeDigest(fromHex(networkId), of)), v.nodeDigest);
  assert.equal(toHex(clientHandshakeDigest(fromHex(networkId), of)), v.clientDigest);
  assert.ok(ed25519Verify(fromHex(v.nodeKey), fromHex(v.nodeDigest), fromHex(v.nodeSignature)));
  assert.ok(ed25519Verify(of.session, fromHex(v.clientDigest), fromHex(v.clientSignature)));
  assert.equal(toHex(ed25519Signer(fromHex(secrets.session)).publicKey), toHex(of.session));
  assert.equal(toHex(ed25519Signer(fromHex(secrets.network)).publicKey), v.nodeKey);
});

test("a run's log names module and input by one hash", () => {
  const { run: v } = vectors("acks");
  const input = toHex(blake3(fromHex(v.input)));
  assert.equal(toHex(blake3(fromHex(concat([v.module as Hex, input])))), v.contentHash);
  assert.equal(toHex(runHash(fromHex(v.module), fromHex(input))), v.contentHash);
});

test("two acknowledgements with one count are evidence, with the delegation of a delegated key", () => {
  const { networkId, ack, delegation, conflict: v } = vectors("acks");
  const conflict = decode(AckConflict, fromHex(v.ssz));
  assert.ok(isAckConflict(fromHex(networkId), conflict));
  const signed = 117 + 64;
  const offset = numberToHex(2 * signed + 4, { size: 4 });
  const bytes = fromHex(v.ssz);
  assert.equal(toHex(bytes.subarray(2 * signed, 2 * signed + 4).toReversed()), offset);
  assert.equal(toHex(bytes.subarray(2 * signed + 4)), concat([delegation.ssz, delegation.signature]));
  assert.deepEqual({ ...conflict.first.ack, session: 0 }, { ...decode(Ack, fromHex(ack.ssz)), session: 0 });
});

test("acknowledgements: digest, signature, lane id and log chain", () => {
  const v = vectors("acks");
  const ack = decode(Ack, fromHex(v.ack.ssz));
  assert.equal(toHex(ackDigest(fromHex(v.networkId), ack)), v.ack.digest);
  assert.equal(tagged("ack", v.networkId, v.ack.ssz), v.ack.digest);
  assert.ok(verifyAckSignature(fromHex(v.networkId), { ack, signature: fromHex(v.ack.signature) }));
  assert.equal(toHex(laneId(ack)), v.ack.laneId);
  let log = EMPTY_LOG;
  for (const { contentHash, offset, units, log: expected } of v.log) {
    log = extendLog(log, { contentHash: fromHex(contentHash), offset: BigInt(offset), units: BigInt(units) });
    assert.equal(toHex(log), expected);
  }
});

test("reservations: digest and signature", () => {
  const { networkId, reserve: v } = vectors("acks");
  const reserve = decode(Reserve, fromHex(v.ssz));
  assert.equal(toHex(reserveDigest(fromHex(networkId), reserve)), v.digest);
  assert.equal(tagged("reserve", networkId, v.ssz), v.digest);
  assert.ok(verifyReserveSignature(fromHex(networkId), { reserve, signature: fromHex(v.signature) }));
});

test("delegations: digest, signature and origin", () => {
  const { networkId, delegation: v } = vectors("acks");
  const delegation = decode(Delegation, fromHex(v.ssz));
  assert.equal(toHex(delegationDigest(fromHex(networkId), delegation)), v.digest);
  assert.equal(tagged("delegation", networkId, v.ssz), v.digest);
  assert.deepEqual(originHash(v.origin), delegation.origin);
  assert.deepEqual(blake3(new TextEncoder().encode(v.origin)), delegation.origin);
  assert.ok(verifyDelegationSignature(fromHex(networkId), { delegation, signature: fromHex(v.signature) }));
});
