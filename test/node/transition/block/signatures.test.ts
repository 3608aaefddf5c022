import assert from "node:assert/strict";
import { test } from "node:test";
import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { ackDigest } from "#protocol/digests/ack.ts";
import { nodeDigest } from "#protocol/digests/transactions.ts";
import { ACK_CODES, RECEIPT_CODES } from "#protocol/errors/codes.ts";
import { toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { accountOf, sessionOf } from "../support/keys.ts";
import { client, World } from "../support/world.ts";

const stranger = accountOf("stranger");

/** Says the same of everything, and what it was asked. */
function verifier(answer: boolean) {
  const asked: string[] = [];
  const signatures: SignatureVerifier = {
    account(_network, tx) {
      asked.push(`account ${toHex(tx.body.account)}`);
      return answer;
    },
    ed25519(key, digest) {
      asked.push(`${toHex(key)} ${toHex(digest)}`);
      return answer;
    },
  };
  return { asked, signatures };
}

function codeOf(world: World, transaction: Uint8Array, signatures: SignatureVerifier) {
  const receipt = world.block({ transactions: [transaction], signatures }).block.receipts[0];
  return {
    code: RECEIPT_CODES[receipt?.status ?? -1],
    acks: receipt?.ackStatus.map((status) => ACK_CODES[status]),
  };
}

test("whether an account signed is what the verifier of the block says", () => {
  const world = new World();
  const forged = { kind: TX.withdraw, body: { account: client.address, nonce: 0, amount: 5n } };
  const { asked, signatures } = verifier(true);
  assert.equal(codeOf(world, stranger.sign(world.network, forged), signatures).code, "OK");
  assert.deepEqual(asked, [`account ${toHex(client.address)}`]);
  const genuine = { ...forged, body: { ...forged.body, nonce: 1 } };
  const refusing = verifier(false).signatures;
  assert.equal(codeOf(world, client.sign(world.network, genuine), refusing).code, "ERR_BAD_SIGNATURE");
});

test("node and session signatures are asked for with their key and digest, each once", () => {
  const world = new World();
  world.block({ transactions: [world.authorize(client, "s")] });
  const signed = world.ack(client, "s", { units: 1_000_000n });
  const body = { node: 1, sequence: 7, acks: [signed], delegations: [] };
  const transaction = world.nodeTx({ kind: TX.submitAcks, body });
  const { asked, signatures } = verifier(true);
  assert.deepEqual(codeOf(world, transaction, signatures), { code: "OK", acks: ["OK"] });
  const node = toHex(world.node(1).network.publicKey);
  assert.deepEqual(asked, [
    `${node} ${toHex(nodeDigest(world.network, { kind: TX.submitAcks, body }))}`,
    `${toHex(sessionOf("s").publicKey)} ${toHex(ackDigest(world.network.networkId, signed.ack))}`,
  ]);
});

test("ERR_ACK_SIGNATURE when the verifier takes the node's signature and refuses the session's", () => {
  const world = new World();
  world.block({ transactions: [world.authorize(client, "s")] });
  const node = toHex(world.node(1).network.publicKey);
  const signatures: SignatureVerifier = {
    account: () => false,
    ed25519: (key) => toHex(key) === node,
  };
  const transaction = world.submitAcks(1, [world.ack(client, "s", { units: 1_000_000n })]);
  assert.deepEqual(codeOf(world, transaction, signatures), { code: "OK", acks: ["ERR_ACK_SIGNATURE"] });
});
