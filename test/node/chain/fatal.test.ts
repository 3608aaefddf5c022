import assert from "node:assert/strict";
import { test } from "node:test";
import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { attestationMessage } from "#protocol/digests/consensus.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { SignedAttestation } from "#protocol/types/consensus.ts";
import { seedOf } from "#test/node/transition/support/keys.ts";
import { mockSigner } from "./support/mock-crypto.ts";
import { TestNet } from "./support/net.ts";
import { signedRecords } from "./support/signed-log.ts";

const NODE = 2;

test("trouble that is found outside consensus ends the signing of consensus, too", async () => {
  const net = new TestNet({ narwhal: true, nodes: 4, parameters: { epochLengthMs: 60_000n } });
  await net.startAll([1, 2, 3, 4]);
  await net.clock.advance(2_000);
  const node = net.node(NODE);
  const { blocks } = node.chain.head();
  const roots = { previous: seedOf("a"), blockRoot: seedOf("b"), stateRoot: seedOf("c") };
  const data = { epoch: 0, index: blocks + 1, ...roots };
  for (const id of [1, 3, 4]) {
    const key = net.world.node(id).consensus.publicKey;
    const signature = mockSigner(key).sign(attestationMessage(net.world.network.networkId, data));
    const message = SignedAttestation.serialize({ data, node: id, signature });
    net.node(id).network.send(NODE, "consensus", Uint8Array.of(MESSAGE_TAG.attestation, ...message));
  }
  let records: Promise<string[]> | undefined;
  node.fatal.push = (error) => {
    node.fatal[0] = error;
    records = signedRecords(node.store.inner);
    return 1;
  };
  await net.until("it stops", () => node.fatal.length > 0);
  assert.deepEqual(node.fatal.map(errorCode), ["ERR_STATE_DIVERGED"]);
  await net.clock.advance(3_000);
  assert.deepEqual(await signedRecords(node.store.inner), await records);
  await net.stop();
});
