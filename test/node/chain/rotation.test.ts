import assert from "node:assert/strict";
import { test } from "node:test";
import { memberIndex } from "#protocol/types/committee.ts";
import { nodeKeys } from "#test/node/transition/support/keys.ts";
import { TestNet } from "./support/net.ts";

const ROTATED = 2;
const newKey = nodeKeys(177).consensus.publicKey;

/** Four nodes hold every seat, so that node 2 holds one under either key. */
async function netOfFour(): Promise<TestNet> {
  const net = new TestNet({ nodes: 4 });
  net.newKeys.set(ROTATED, [newKey]);
  await net.startAll([1, 2, 3, 4]);
  return net;
}

const rotation = { type: "keyRotated", nodeId: ROTATED, keyVersion: 1, consensusKey: newKey } as const;

test("a node signs an epoch with the key that it was drawn with, and the next ones with its new key", async () => {
  const net = await netOfFour();
  net.l2.emit([rotation]);
  await net.epochs(4);
  await net.until("settled", () => net.l2.settlements.length >= 4);
  for (const node of net.nodes.values()) assert.deepEqual(node.fatal, [], `node ${node.nodeId}`);
  const versions = net.l2.settlements.map(({ certificate: { committee, signers } }) => {
    const at = memberIndex(committee, ROTATED);
    return { version: committee.members[at]?.keyVersion, signed: signers.get(at) };
  });
  assert.equal(versions[0]?.version, 0);
  assert.equal(versions.at(-1)?.version, 1);
  assert.ok(
    versions.some(({ version, signed }) => version === 0 && signed),
    "signed with the old key",
  );
  assert.ok(
    versions.some(({ version, signed }) => version === 1 && signed),
    "signed with the new key",
  );
  assert.equal(net.node(ROTATED).metrics.value("flk_committee_member"), 1);
  await net.stop();
});

test("a node that does not have its new key follows, and harms nobody", async () => {
  const net = new TestNet({ nodes: 4 });
  await net.startAll([1, 2, 3, 4]);
  net.l2.emit([rotation]);
  await net.epochs(3);
  await net.until("settled", () => net.l2.settlements.length >= 3);
  const { committee, signers } = net.l2.settlements.at(-1)?.certificate ?? assert.fail();
  assert.equal(committee.members[memberIndex(committee, ROTATED)]?.keyVersion, 1);
  assert.equal(signers.get(memberIndex(committee, ROTATED)), false);
  assert.deepEqual(net.node(ROTATED).fatal, []);
  assert.equal(net.node(ROTATED).metrics.value("flk_committee_member"), 0);
  await net.stop();
});
