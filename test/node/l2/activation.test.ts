import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createL2Poster } from "#node/l2/poster.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { silentLogger } from "../support/recording.ts";
import { CHAIN_ID, governance, POSTER_KEY, World } from "./world.ts";

/** of the local deployment, seconds */
const ACTIVATION_DELAY = 3;
const OTHER_KEY = "0x92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e";

let world: World;
const posted = new Map<number, Settlement>();
before(async () => {
  world = await World.create();
  // the settlements of World close later than the clock of this machine
  await pass(365 * 86_400);
});
after(() => world?.anvil.stop());

async function pass(seconds: number): Promise<void> {
  await world.test.increaseTime({ seconds });
  await world.test.mine({ blocks: 1 });
}

function poster(privateKey: `0x${string}` = POSTER_KEY, fromBlock = world.deployment.fromBlock) {
  const { settlement } = world.deployment;
  return createL2Poster({
    rpcUrls: [world.anvil.url],
    chainId: CHAIN_ID,
    settlement,
    fromBlock,
    privateKey,
    logger: silentLogger,
  });
}

/** Posts the settlement of `epoch`; its poster has none of those before. */
async function post(epoch: number, totalBalances = 1n): Promise<void> {
  const certificate = world.certificate(epoch, await world.latestDigest(), [0, 1, 2, 3], totalBalances);
  assert.ok(await poster().settle(certificate, undefined));
  posted.set(epoch, certificate.settlement);
}

const known = async (epoch: number) => posted.get(epoch);
const unknown = async () => undefined;
const active = async () => {
  const { settlement } = world.deployment;
  const contract = { address: settlement, abi: epochSettlementAbi } as const;
  return Number((await world.client.readContract({ ...contract, functionName: "status" })).activeEpochs);
};

test("nothing waits: nothing is made active", async () => {
  assert.equal(await poster().activate(known), undefined);
});

test("a settlement is made active once it is due, and not before", async () => {
  await post(0);
  const wait = await poster().activate(known);
  assert.ok(wait !== undefined && wait > 0 && wait <= ACTIVATION_DELAY * 1_000);
  assert.equal(await active(), 0);
  await pass(ACTIVATION_DELAY);
  assert.equal(await poster().activate(known), undefined);
  assert.equal(await active(), 1);
});

test("a poster without the settlements before reads them from the L2's logs", async () => {
  await post(1);
  await post(2);
  await pass(ACTIVATION_DELAY);
  assert.equal(await poster().activate(unknown), undefined);
  assert.equal(await active(), 3);
});

test("what a node has and the L2 did not take is not what the L2 makes active", async () => {
  await post(3);
  await pass(ACTIVATION_DELAY);
  const other = { ...(posted.get(3) as Settlement), totalBalances: 7n };
  assert.notDeepEqual(settlementDigest(other), await world.latestDigest());
  await poster().activate(async () => other);
  assert.equal(await active(), 4);
});

test("of two posters at once, one makes it active and neither fails", async () => {
  await post(4);
  await pass(ACTIVATION_DELAY);
  const both = await Promise.all([poster().activate(known), poster(OTHER_KEY).activate(unknown)]);
  assert.deepEqual(both, [undefined, undefined]);
  assert.equal(await active(), 5);
});

test("a held settlement waits for governance, not for its time", async () => {
  await post(5);
  const { settlement: address } = world.deployment;
  const hash = await world.wallet.writeContract({
    account: governance,
    chain: null,
    address,
    abi: epochSettlementAbi,
    functionName: "veto",
    args: [5n],
  });
  await world.client.waitForTransactionReceipt({ hash });
  assert.equal(await poster().activate(known), undefined);
  await pass(ACTIVATION_DELAY);
  assert.equal(await poster().activate(known), undefined);
  assert.equal(await active(), 5);
});

test("a settlement that is posted behind a held one is found too, and logs that are not there are told", async () => {
  await post(6);
  const tooLate = poster(POSTER_KEY, Number(await world.client.getBlockNumber()) + 1);
  const next = world.certificate(7, await world.latestDigest(), [0, 1, 2, 3]);
  await assert.rejects(
    tooLate.settle(next, undefined),
    (error) => isFlkError(error, "ERR_L2_SETTLE") && error.data.reason === "WrongPrevious",
  );
});
