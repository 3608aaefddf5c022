import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { EPOCH_PROBLEMS } from "#indexer/errors.ts";
import { createMetrics } from "#node/metrics/metrics.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import { settlementDigest } from "#protocol/digests/settlement.ts";
import { fromHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { CLIENT, certify, membersOf, network, OTHER, operatorOf, sign, signerOf } from "./support/chain.ts";
import type { Lies } from "./support/fake-node.ts";
import { accountTransaction } from "./support/transactions.ts";
import { caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

describe("an indexer whose node or L2 does not tell the truth", () => {
  let world: World;
  const lies: Lies = {};
  const reasons = async () => (await ready(world.indexer)).reasons.join();
  const epoch = async (number: number) =>
    (
      await get(
        world.indexer,
        `{ epoch(number: ${number}) { verified problem finality revenue nodes { totalCount } } }`,
      )
    ).epoch;

  before(async () => {
    world = await startWorld(lies, { metrics: createMetrics() });
  });
  after(() => world.stop());

  it("refuses a block that too few of the committee signed, and takes the true one later", async () => {
    const { chain } = world;
    lies.block = (_, { block }) => certify(block, membersOf(0).slice(0, 2), membersOf(0));
    chain.block({ changes: [chain.pay(CLIENT, 100n)] });
    await until("it refuses", async () => /ERR_COMMIT_CERTIFICATE/.test(await reasons()));
    const { _meta, account } = await get(
      world.indexer,
      `{ _meta { height lag } account(address: "${CLIENT}") { balance } }`,
    );
    assert.deepEqual(_meta, { height: -1, lag: 1 });
    assert.equal(account.balance, "5000000");
    delete lies.block;
    await caughtUp(world);
  });

  it("refuses a block by a committee of nodes that the L2 did not seat", async () => {
    const { chain } = world;
    const outsider = membersOf(1).filter((node) => !membersOf(0).includes(node));
    lies.block = (_, { block }) =>
      certify(block, [...membersOf(0).slice(0, 2), ...outsider], [...membersOf(0).slice(0, 3), ...outsider]);
    chain.block();
    await until("it refuses", async () => /ERR_COMMIT_CERTIFICATE/.test(await reasons()));
    delete lies.block;
    await caughtUp(world);
  });

  it("refuses a block whose content is not what was signed", async () => {
    const { chain } = world;
    lies.block = (_, certified) => ({
      ...certified,
      block: {
        ...certified.block,
        receipts: certified.block.receipts.map((receipt) => ({ ...receipt, changes: [] })),
      },
    });
    chain.block({ changes: [chain.pay(CLIENT, 100n)] });
    await until("it refuses", async () => /ERR_COMMIT_CERTIFICATE/.test(await reasons()));
    delete lies.block;
    await caughtUp(world);
  });

  it("marks an epoch whose report was altered, never calls it settled, and follows on", async () => {
    const { chain } = world;
    lies.report = (number, report) =>
      number === 0 ? { ...report, nodes: report.nodes.map((node) => ({ ...node, rewardFlk: 1n })) } : report;
    chain.close();
    await until("it is marked", async () => (await epoch(0)).problem !== null);
    chain.block();
    await until(
      "the chain is followed",
      async () => (await get(world.indexer, "{ _meta { epoch height } }"))._meta.epoch === 1,
    );
    assert.deepEqual(await epoch(0), {
      verified: false,
      problem: "ERR_REPORT_HASH",
      finality: "COMMITTED",
      revenue: null,
      nodes: { totalCount: 0 },
    });
    const { account } = await get(
      world.indexer,
      `{ account(address: "${operatorOf(2)}") { payoutStable settledEpoch } }`,
    );
    assert.deepEqual(account, { payoutStable: "0", settledEpoch: null });
    await until("it says so", async () => /epoch 0: ERR_REPORT_HASH/.test(await reasons()));
    assert.equal((await ready(world.indexer)).status, 503);
    const metrics = await fetch(world.indexer.url.replace("/graphql", "/metrics"));
    const problems = [
      ...(await metrics.text()).matchAll(/^flk_indexer_epoch_problems\{code="(\w+)"\} (\d+)$/gm),
    ];
    const counted = Object.fromEntries(
      EPOCH_PROBLEMS.map((code) => [code, code === "ERR_REPORT_HASH" ? "1" : "0"]),
    );
    assert.deepEqual(Object.fromEntries(problems.map(([, code, epochs]) => [code, epochs])), counted);
  });

  it("takes the keys of the next committee from the L2, not from the node", async () => {
    const { chain } = world;
    const attacker = signerOf(membersOf(1)[0] as number).publicKey;
    lies.certificate = (_, certificate) => ({
      ...certificate,
      nextCommittee: {
        ...certificate.nextCommittee,
        members: certificate.nextCommittee.members.map((member) => ({ ...member, consensusKey: attacker })),
      },
    });
    chain.close();
    chain.block();
    await until(
      "the next epoch is followed",
      async () => (await get(world.indexer, "{ _meta { epoch } }"))._meta.epoch === 2,
    );
    await until("epoch 1 is final", async () => (await epoch(1)).finality === "FINAL");
    delete lies.certificate;
  });

  it("says that the node is behind while it withholds what the L2 has settled", async () => {
    const { chain } = world;
    lies.certificate = () => undefined;
    chain.close();
    await until("it says so", async () => /epoch 2: ERR_NODE_BEHIND/.test(await reasons()));
    delete lies.certificate;
    await until(
      "it goes on",
      async () => (await get(world.indexer, "{ _meta { epoch } }"))._meta.epoch === 3,
    );
    await until("nothing is missing", async () => !/ERR_NODE_BEHIND/.test(await reasons()));
  });

  it("refuses a next committee that was not settled", async () => {
    const { chain } = world;
    lies.certificate = (_, certificate) => ({
      ...certificate,
      nextCommittee: { ...certificate.nextCommittee, members: certificate.nextCommittee.members.slice(0, 3) },
    });
    chain.close({ post: false });
    await until("it refuses", async () => /ERR_SETTLEMENT_CERTIFICATE/.test(await reasons()));
    delete lies.certificate;
    await until(
      "it goes on",
      async () => (await get(world.indexer, "{ _meta { epoch } }"))._meta.epoch === 4,
    );
  });

  it("refuses a settlement that another committee signed, and shows nothing of its epoch as settled", async () => {
    const { chain } = world;
    const epochNow = chain.epoch;
    lies.certificate = (number, certificate) => {
      const digest = settlementDigest(certificate.settlement);
      const others = membersOf(number + 1);
      const signed = sign(settlementMessage(network.networkId, number, digest), others, others);
      return { ...certificate, committee: certificate.nextCommittee, ...signed };
    };
    chain.block({ transactions: [chain.transfer(CLIENT, OTHER, 11n)] });
    chain.close();
    await until("it refuses", async () => /ERR_SETTLEMENT_CERTIFICATE/.test(await reasons()));
    const query = `{ transfers { nodes { amount finality } } payouts(where: { epoch: { _eq: ${epochNow} } }) { totalCount }
      settlement(epoch: ${epochNow}) { finality state certificate { signers } } }`;
    await until("the block and the L2's settlement are there", async () => {
      const { transfers, settlement } = await get(world.indexer, query);
      return transfers.nodes.length > 0 && settlement?.state === "ACTIVE";
    });
    const told = await get(world.indexer, query);
    assert.deepEqual(told.transfers.nodes, [{ amount: "11", finality: "COMMITTED" }]);
    assert.equal(told.payouts.totalCount, 0);
    assert.deepEqual(
      { finality: told.settlement.finality, certificate: told.settlement.certificate },
      { finality: "COMMITTED", certificate: null },
    );
    assert.equal((await epoch(epochNow)).finality, "COMMITTED");
    delete lies.certificate;
    await until("it is final", async () => (await epoch(epochNow)).finality === "FINAL");
    const later = await get(world.indexer, query);
    assert.deepEqual(later.transfers.nodes, [{ amount: "11", finality: "FINAL" }]);
    assert.equal(later.settlement.finality, "FINAL");
  });

  it("shows nothing of what a forged block says that somebody did", async () => {
    const { chain } = world;
    const known = (await get(world.indexer, "{ transfers { totalCount } }")).transfers.totalCount;
    const forged = accountTransaction({
      kind: TX.transfer,
      body: { account: fromHex(CLIENT), nonce: 0, to: fromHex(OTHER), amount: 1n },
    });
    lies.block = (_, { block }) => {
      const { bytes, ...receipt } = forged;
      const input = { ...block.input, transactions: [bytes] };
      const receipts = [{ txId: new Uint8Array(32), ...receipt }];
      return certify(
        { ...block, input, receipts },
        membersOf(chain.epoch).slice(0, 2),
        membersOf(chain.epoch),
      );
    };
    chain.block();
    await until("it refuses", async () => /ERR_COMMIT_CERTIFICATE/.test(await reasons()));
    const after = (await get(world.indexer, "{ transfers { totalCount } }")).transfers.totalCount;
    assert.equal(after, known);
    delete lies.block;
  });

  it("marks an epoch that the L2 settled otherwise than the committee certified", async () => {
    const { chain } = world;
    await until("the report is verified", async () => (await epoch(3)).verified);
    chain.post(3, true, { totalPayoutFlk: 1n });
    await until("it is marked", async () => (await epoch(3)).problem === "ERR_SETTLEMENT_DIGEST");
    const alarms = () =>
      world.logged.filter(
        ({ event, code }) => event === "epoch_not_verified" && code === "ERR_SETTLEMENT_DIGEST",
      );
    assert.deepEqual(
      alarms().map(({ epoch: number }) => number),
      [3],
    );
    assert.deepEqual(await epoch(3), {
      verified: false,
      problem: "ERR_SETTLEMENT_DIGEST",
      finality: "COMMITTED",
      revenue: null,
      nodes: { totalCount: 0 },
    });
  });

  it("does not call an epoch verified that the L2 had settled otherwise before its report came", async () => {
    const { chain, logged } = world;
    chain.block();
    chain.close({ post: false });
    const number = chain.epoch - 1;
    chain.post(number, true, { totalPayoutFlk: 2n });
    await until("it is marked", async () => (await epoch(number))?.problem === "ERR_SETTLEMENT_DIGEST");
    const told = logged.filter(({ event, epoch: of }) => /^epoch_/.test(event) && of === number);
    assert.ok(told.every(({ event }) => event === "epoch_not_verified") && told.length > 0);
  });
});
