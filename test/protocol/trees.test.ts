import assert from "node:assert/strict";
import { test } from "node:test";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import fc from "fast-check";
import { balanceProof, balanceRoot, payoutProof, payoutRoot } from "#protocol/digests/trees.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";

const LEAF = ["address", "uint256", "uint256"];
const account = fc.uint8Array({ minLength: 20, maxLength: 20 });
const amount = fc.oneof(
  fc.constantFrom(0n, 1n, (1n << 128n) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
);
const entries = fc.array(fc.record({ account, stable: amount, flk: amount }), {
  minLength: 1,
  maxLength: 40,
});

test("roots and proofs are those of OpenZeppelin's StandardMerkleTree", () => {
  fc.assert(
    fc.property(entries, (list) => {
      const rows = list.map((e) => [toHex(e.account), e.stable.toString(), e.flk.toString()]);
      const tree = StandardMerkleTree.of(rows, LEAF);
      assert.equal(toHex(payoutRoot(list)), tree.root);
      const balances = list.map((e) => ({ account: e.account, balance: e.stable, depositsSeen: e.flk }));
      assert.deepEqual(balanceRoot(balances), fromHex(tree.root as `0x${string}`));
      for (const [at, entry] of list.entries()) {
        const found = payoutProof(list, entry.account) ?? assert.fail();
        const first = list.findIndex((e) => toHex(e.account) === toHex(entry.account));
        assert.equal(found.entry, list[first]);
        assert.deepEqual(found.proof, tree.getProof(first));
        assert.deepEqual(balanceProof(balances, entry.account), {
          entry: balances[first],
          proof: found.proof,
        });
        assert.ok(first <= at);
      }
    }),
    { numRuns: 100 },
  );
});

test("no entries have the zero root, and an account without one no proof", () => {
  assert.deepEqual(payoutRoot([]), new Uint8Array(32));
  assert.deepEqual(balanceRoot([]), new Uint8Array(32));
  const entry = { account: new Uint8Array(20), stable: 1n, flk: 2n };
  assert.equal(payoutProof([entry], new Uint8Array(20).fill(1)), undefined);
  assert.deepEqual(payoutProof([entry], entry.account)?.proof, []);
  assert.equal(balanceProof([], entry.account), undefined);
});
