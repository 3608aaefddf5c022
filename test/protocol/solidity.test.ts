import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { committeeHash, popMessage, settlementDigest, toL2Committee } from "#protocol/digests/settlement.ts";
import { toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { signers, World } from "../node/l2/world.ts";

let world: World;
before(async () => {
  world = await World.create();
});
after(() => world?.anvil.stop());

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const u53 = fc.maxSafeNat();
const u128 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
const anySettlement: fc.Arbitrary<Settlement> = fc.record({
  epoch: u53,
  previous: bytes32,
  closeTime: u53,
  l2Number: u53,
  l2Hash: bytes32,
  stateRoot: bytes32,
  payoutRoot: bytes32,
  balanceRoot: bytes32,
  reportHash: bytes32,
  totalBalances: u128,
  totalPayoutStable: u128,
  totalPayoutFlk: u128,
  slashListHash: bytes32,
  nextCommitteeHash: bytes32,
});

test("the contracts and the code give the same settlement digest and the same message to sign", async () => {
  const contract = { address: world.deployment.settlement, abi: epochSettlementAbi } as const;
  const { networkId } = world.network;
  assert.equal(await world.client.readContract({ ...contract, functionName: "networkId" }), toHex(networkId));
  await fc.assert(
    fc.asyncProperty(anySettlement, async (settlement) => {
      const fields = Object.entries(settlement).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? toHex(value) : BigInt(value),
      ]);
      const args = [Object.fromEntries(fields)] as const;
      const digest = settlementDigest(settlement);
      const [theirs, message] = await Promise.all([
        world.client.readContract({ ...contract, functionName: "settlementDigest", args }),
        world.client.readContract({ ...contract, functionName: "settlementMessage", args }),
      ]);
      assert.equal(theirs, toHex(digest));
      assert.equal(message, toHex(settlementMessage(networkId, settlement.epoch, digest)));
    }),
    { numRuns: 25 },
  );
});

test("the contracts and the code give the same committee hash", async () => {
  const contract = { address: world.deployment.settlement, abi: epochSettlementAbi } as const;
  const member = fc.record({
    nodeId: fc.nat(2 ** 32 - 1),
    keyVersion: fc.nat(2 ** 32 - 1),
    power: u53,
    consensusKey: fc.constantFrom(...signers.map(({ publicKey }) => publicKey)),
  });
  const members = fc.array(member, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(u53, members, async (epoch, list) => {
      const committee = { epoch, members: list };
      const args = [toL2Committee(committee)] as const;
      const theirs = await world.client.readContract({ ...contract, functionName: "hashCommittee", args });
      assert.equal(theirs, toHex(committeeHash(committee)));
    }),
    { numRuns: 25 },
  );
});

test("the contracts and the code give the same proof-of-possession message", async () => {
  const owner = `0x${"ab".repeat(20)}` as const;
  for (const { publicKey } of signers) {
    const key = g1ToEip2537(publicKey);
    const theirs = await world.client.readContract({
      address: world.deployment.staking,
      abi: nodeStakingAbi,
      functionName: "proofMessage",
      args: [owner, toHex(key)],
    });
    assert.equal(theirs, toHex(popMessage(world.network.networkId, owner, key)));
  }
});
