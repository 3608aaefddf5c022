import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  committeeHash,
  popMessage,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { testSigner } from "./support/committee.ts";
import { startTestL2, type TestL2 } from "./support/l2.ts";

const RUNS = { numRuns: 30 };
const counter = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const amount = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
const settlements: fc.Arbitrary<Settlement> = fc.record({
  epoch: counter,
  previous: hash,
  closeTime: counter,
  l2Number: counter,
  l2Hash: hash,
  stateRoot: hash,
  payoutRoot: hash,
  balanceRoot: hash,
  reportHash: hash,
  totalBalances: amount,
  totalPayoutStable: amount,
  totalPayoutFlk: amount,
  slashListHash: hash,
  nextCommitteeHash: hash,
});

let l2: TestL2;
before(async () => {
  l2 = await startTestL2();
});
after(() => l2?.stop());

function readSettlement(): { address: `0x${string}`; abi: typeof epochSettlementAbi } {
  return { address: l2.deployment.settlement, abi: epochSettlementAbi };
}

test("contract and TypeScript name the network alike", async () => {
  const settlement = await l2.client.readContract({ ...readSettlement(), functionName: "networkId" });
  const address = l2.deployment.staking;
  const staking = await l2.client.readContract({ address, abi: nodeStakingAbi, functionName: "networkId" });
  assert.equal(settlement, l2.deployment.networkId);
  assert.equal(staking, l2.deployment.networkId);
});

test("contract and TypeScript digest any settlement to the same bytes and message", async () => {
  const networkId = fromHex(l2.deployment.networkId);
  await fc.assert(
    fc.asyncProperty(settlements, async (s) => {
      const args = [toL2Settlement(s)] as const;
      const digest = settlementDigest(s);
      const [onL2, message] = await Promise.all([
        l2.client.readContract({ ...readSettlement(), functionName: "settlementDigest", args }),
        l2.client.readContract({ ...readSettlement(), functionName: "settlementMessage", args }),
      ]);
      assert.equal(onL2, toHex(digest));
      assert.equal(message, toHex(settlementMessage(networkId, s.epoch, digest)));
    }),
    RUNS,
  );
});

test("contract and TypeScript hash any committee to the same bytes", async () => {
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const key = fc.integer({ min: 1, max: 40 }).map((id) => testSigner(id).publicKey);
  const member = fc.record({ nodeId: u32, keyVersion: u32, power: counter, consensusKey: key });
  const lists = fc.array(member, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(counter, lists, async (epoch, members) => {
      const committee = { epoch, members };
      const args = [toL2Committee(committee)] as const;
      const onL2 = await l2.client.readContract({ ...readSettlement(), functionName: "hashCommittee", args });
      assert.equal(onL2, toHex(committeeHash(committee)));
    }),
    RUNS,
  );
});

test("contract and TypeScript bind a proof of possession to the same bytes", async () => {
  const networkId = fromHex(l2.deployment.networkId);
  const address = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const key = fc.uint8Array({ minLength: 128, maxLength: 128 });
  await fc.assert(
    fc.asyncProperty(address, key, async (owner, key128) => {
      const onL2 = await l2.client.readContract({
        address: l2.deployment.staking,
        abi: nodeStakingAbi,
        functionName: "proofMessage",
        args: [toHex(owner), toHex(key128)],
      });
      assert.equal(onL2, toHex(popMessage(networkId, toHex(owner), key128)));
    }),
    RUNS,
  );
});
