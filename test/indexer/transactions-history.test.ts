import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import { CLIENT, OTHER, operatorOf } from "./support/chain.ts";
import { accountTransaction, sessionOf } from "./support/transactions.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

describe("what an indexer keeps of the protocol chain's transactions", () => {
  let world: World;
  const ask = (query: string) => get(world.indexer, query);
  const session = toHex(sessionOf(CLIENT));

  before(async () => {
    world = await startWorld();
    const { chain } = world;
    const account = fromHex(CLIENT);
    const key = sessionOf(CLIENT);
    const authorize = { account, nonce: 0, scheme: 0, key, expiryEpoch: 9, limit: 500n };
    chain.block({ transactions: [accountTransaction({ kind: TX.authorizeSession, body: authorize })] });
    chain.block({
      changes: [chain.pay(CLIENT, 10n), chain.pay(CLIENT, 20n)],
      transactions: [chain.transfer(CLIENT, OTHER, 300n)],
    });
    const asked = chain.withdrawn(CLIENT, 44n);
    const signed = chain.withdrawn(CLIENT, 55n);
    const withdraw = accountTransaction({ kind: TX.withdraw, body: { account, nonce: 1, amount: 55n } }, [
      signed,
    ]);
    const rejected = {
      ...accountTransaction({ kind: TX.transfer, body: { account, nonce: 9, to: account, amount: 0n } }),
      status: 5,
    };
    chain.block({ l2Changes: [asked], transactions: [withdraw, rejected] });
    chain.close();
    const peer = {
      node: 3,
      probes: 9,
      reached: 8,
      answered: 7,
      failed: 1,
      wrong: 0,
      latencyUs: 1200,
      throughput: 900,
    };
    const report = { node: 2, epoch: 1, peers: [peer] };
    const revoke = accountTransaction({ kind: TX.revokeSession, body: { account, nonce: 2, key } });
    chain.block({
      changes: [chain.pay(CLIENT, 5n)],
      transactions: [accountTransaction({ kind: TX.submitReputation, body: report }), revoke],
    });
    await caughtUp(world);
    await until(
      "epoch 0 is final",
      async () => (await ask("{ epoch(number: 0) { finality } }")).epoch.finality === "FINAL",
    );
  });
  after(() => world.stop());

  it("transfers and withdrawals, however they were asked for, with the finality of their epoch", async () => {
    const { transfers, withdrawals, account } = await ask(`{
      transfers(where: { or: [{ from: { _eq: "${CLIENT}" } }, { to: { _eq: "${CLIENT}" } }] }) { nodes { from to amount epoch height finality } }
      withdrawals { nodes { account amount txId epoch finality } }
      account(address: "${CLIENT}") { withdrawals { totalCount } } }`);
    assert.deepEqual(transfers.nodes, [
      { from: CLIENT, to: OTHER, amount: "300", epoch: 0, height: 1, finality: "FINAL" },
    ]);
    assert.deepEqual(
      withdrawals.nodes.map((row: { amount: string; txId: string | null }) => [
        row.amount,
        row.txId === null,
      ]),
      [
        ["44", true],
        ["55", false],
      ],
    );
    assert.equal(account.withdrawals.totalCount, 2);
  });

  it("transactions by who signed them, with their code, and one by its id", async () => {
    const { account, transactions } = await ask(`{
      account(address: "${CLIENT}") { transactions(direction: ASC) { nodes { id kind status height epoch } } }
      transactions(where: { node: { _eq: 2 } }) { nodes { kind nodeId account finality } } }`);
    assert.deepEqual(
      account.transactions.nodes.map((row: { kind: string; status: string }) => [row.kind, row.status]),
      [
        ["AUTHORIZE_SESSION", "OK"],
        ["TRANSFER", "OK"],
        ["WITHDRAW", "OK"],
        ["REVOKE_SESSION", "OK"],
      ],
    );
    assert.deepEqual(
      transactions.nodes.map((row: { kind: string; finality: string }) => [row.kind, row.finality]),
      [
        ["SUBMIT_ACKS", "FINAL"],
        ["SUBMIT_ACKS", "FINAL"],
        ["SUBMIT_ACKS", "COMMITTED"],
        ["SUBMIT_REPUTATION", "COMMITTED"],
      ],
    );
    const rejected = await ask(
      '{ transactions(where: { kind: { _eq: "TRANSFER" } }) { nodes { id status account } } }',
    );
    assert.deepEqual(
      rejected.transactions.nodes.map((row: { status: string; account: string | null }) => [
        row.status,
        row.account,
      ]),
      [
        ["OK", CLIENT],
        ["ERR_BAD_NONCE", null],
      ],
    );
    const [{ id }] = account.transactions.nodes;
    assert.equal((await ask(`{ transaction(id: "${id}") { kind } }`)).transaction.kind, "AUTHORIZE_SESSION");
  });

  it("sessions, their lanes, and what clients paid nodes per epoch", async () => {
    const data = await ask(`{
      session(account: "${CLIENT}", key: "${session}") { limit expiryEpoch revokedHeight epoch finality }
      lanes(where: { session: { _eq: "${session}" } }) { nodes { epoch account nodeId service deliveries units revenue finality } }
      deliveries(where: { account: { _eq: "${CLIENT}" } }) { nodes { epoch nodeId units lanes deliveries revenue } }
      node(id: 2) { deliveries(where: { epoch: { _eq: 0 } }) { totalCount } } }`);
    assert.deepEqual(data.session, {
      limit: "500",
      expiryEpoch: 1,
      revokedHeight: 4,
      epoch: 0,
      finality: "FINAL",
    });
    const lane = (epoch: number, revenue: bigint, finality: string) => ({
      ...{ epoch, account: CLIENT, nodeId: 2, service: 0, deliveries: 1 },
      ...{ units: String(revenue * 50_000n), revenue: String(revenue), finality },
    });
    assert.deepEqual(data.lanes.nodes, [lane(0, 30n, "FINAL"), lane(1, 5n, "COMMITTED")]);
    assert.deepEqual(data.deliveries.nodes, [
      { epoch: 0, nodeId: 2, units: "1500000", lanes: 1, deliveries: 1, revenue: "30" },
      { epoch: 1, nodeId: 2, units: "250000", lanes: 1, deliveries: 1, revenue: "5" },
    ]);
    assert.equal(data.node.deliveries.totalCount, 1);
  });

  it("measurements, scores, payouts, committees and the life of settlements", async () => {
    const data = await ask(`{
      measurements { nodes { epoch reporter subject probes reached answered failed wrong latencyUs throughput finality } }
      reputationScores(where: { node: { _eq: 3 } }) { nodes { epoch score latency finality } }
      payouts(where: { account: { _eq: "${operatorOf(2)}" } }) { nodes { epoch stable earning { earnedStable } finality } }
      committee(epoch: 0) { power seats { nodeId power keyVersion node { owner } } }
      settlement(epoch: 0) { finality time history { kind heldFor } certificate { signers } } }`);
    const seen = {
      probes: 9,
      reached: 8,
      answered: 7,
      failed: 1,
      wrong: 0,
      latencyUs: 1200,
      throughput: 900,
    };
    assert.deepEqual(data.measurements.nodes, [
      { epoch: 1, reporter: 2, subject: 3, ...seen, finality: "COMMITTED" },
    ]);
    assert.deepEqual(data.reputationScores.nodes, [
      { epoch: 0, score: 53, latency: 9_003, finality: "FINAL" },
    ]);
    assert.deepEqual(data.payouts.nodes, [
      { epoch: 0, stable: "21", earning: { earnedStable: "21" }, finality: "FINAL" },
    ]);
    assert.equal(data.committee.power, 4);
    assert.equal(data.committee.seats[0].node.owner, operatorOf(data.committee.seats[0].nodeId));
    assert.deepEqual(
      data.settlement.history.map((row: { kind: string }) => row.kind),
      ["POSTED", "ACTIVATED"],
    );
    assert.equal(data.settlement.finality, "FINAL");
    assert.equal(data.settlement.certificate.signers.length, 3);
  });
});
