import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stringToHex } from "viem";
import { toHex } from "#protocol/types/hex.ts";
import { CLIENT, OTHER } from "./support/chain.ts";
import { CONTRACTS, L2_TIME } from "./support/fake-l2.ts";
import { caughtUp, get, startWorld, until, type World } from "./support/world.ts";

const stakeOf = (nodeId: number, staked: bigint, thawing = 0n) =>
  ["staking", "StakeChanged", { nodeId, staked, thawing }] as ["staking", string, Record<string, unknown>];
const request = (requestId: bigint, amount: bigint) =>
  ["staking", "UnstakeRequested", { nodeId: 2, requestId, amount, maturesAt: 1_800_000_000n }] as [
    "staking",
    string,
    Record<string, unknown>,
  ];

describe("what an indexer keeps of the L2's events", () => {
  let world: World;
  const ask = (query: string) => get(world.indexer, query);

  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  it("locks, thaw requests and slashes of a node, and what a slash took of each request", async () => {
    const { l2 } = world;
    const locked = l2.emit("staking", "StakeLocked", { nodeId: 2, lockedUntil: 1_900_000_000n });
    l2.emitAll([stakeOf(2, 1_800n, 200n), request(0n, 200n)]);
    l2.emitAll([stakeOf(2, 1_700n, 300n), request(1n, 100n)]);
    l2.emitAll([stakeOf(2, 1_650n, 350n), request(2n, 50n)]);
    l2.emitAll([
      stakeOf(2, 1_850n, 150n),
      ["staking", "UnstakeCancelled", { nodeId: 2, requestId: 0n, amount: 200n }],
    ]);
    // what the slash takes of each is read from rows that are written already
    await caughtUp(world);
    const slash = { nodeId: 2, amount: 1_000n, reporter: OTHER, reward: 10n };
    // the last of the list took the place of the first: 50 then 100, from the end
    const slashed = l2.emitAll([
      stakeOf(2, 925n, 75n),
      ["staking", "Slashed", slash],
      ["flk", "Transfer", { from: CONTRACTS.staking, to: OTHER, value: 10n }],
      ["slasher", "EquivocationSlashed", { nodeId: 2, epoch: 3n, kind: 1, slot: 7n }],
    ]);
    l2.emitAll([
      ["staking", "Withdrawn", { nodeId: 2, to: OTHER, requestId: 1n, amount: 50n }],
      stakeOf(2, 925n, 25n),
    ]);
    await caughtUp(world);
    const { node, slashes, stakes, flkTransfers } = await ask(`{
      node(id: 2) { stake thawing slashed lockedUntil stakeLocks { nodes { lockedUntil block time finality } }
        thawRequests(orderBy: NODE) { nodes { request state amount remaining recipient maturesAt closedTx } } stakes { totalCount } }
      slashes(where: { node: { _eq: 2 } }) { nodes { amount reporter reward epoch kind slot block nodeId } }
      stakes(where: { node: { _eq: 2 }, block: { _gte: ${slashed} } }, direction: DESC) { nodes { staked thawing } }
      flkTransfers(where: { to: { _eq: "${OTHER}" } }) { nodes { from amount } }
    }`);
    assert.deepEqual(node.stakeLocks.nodes, [
      { lockedUntil: 1_900_000_000, block: locked, time: 1000 * (L2_TIME + locked), finality: "FINAL" },
    ]);
    assert.deepEqual(
      node.thawRequests.nodes.map(({ closedTx, maturesAt, ...rest }: Record<string, unknown>) => rest),
      [
        { request: 0, state: "CANCELLED", amount: "200", remaining: "200", recipient: null },
        { request: 1, state: "WITHDRAWN", amount: "100", remaining: "50", recipient: OTHER },
        { request: 2, state: "THAWING", amount: "50", remaining: "25", recipient: null },
      ],
    );
    assert.deepEqual(slashes.nodes, [
      {
        amount: "1000",
        reporter: OTHER,
        reward: "10",
        epoch: 3,
        kind: 1,
        slot: "7",
        block: slashed,
        nodeId: 2,
      },
    ]);
    assert.deepEqual(
      [node.stake, node.thawing, node.slashed, node.stakes.totalCount],
      ["925", "25", "1000", 7],
    );
    assert.deepEqual(stakes.nodes, [
      { staked: "925", thawing: "25" },
      { staked: "925", thawing: "75" },
    ]);
    assert.deepEqual(flkTransfers.nodes, [{ from: CONTRACTS.staking, amount: "10" }]);
  });

  it("a second slash, of what the first left, by requests of before and of its own transaction", async () => {
    const { l2 } = world;
    const slash = { nodeId: 2, amount: 227n, reporter: OTHER, reward: 1n };
    // of 825 staked and 25 + 100 that thaw; rounded from the end of the list: 23 of 100, then 29 - 23 of 25
    l2.emitAll([
      stakeOf(2, 825n, 125n),
      request(3n, 100n),
      request(4n, 10n),
      ["staking", "UnstakeCancelled", { nodeId: 2, requestId: 4n, amount: 10n }],
      stakeOf(2, 627n, 96n),
      ["staking", "Slashed", slash],
    ]);
    await caughtUp(world);
    const { node, slashes } = await ask(`{
      node(id: 2) { stake thawing slashed thawRequests(orderBy: NODE) { nodes { request remaining } } }
      slashes(where: { node: { _eq: 2 } }) { totalCount } }`);
    assert.deepEqual(node.thawRequests.nodes, [
      { request: 0, remaining: "200" },
      { request: 1, remaining: "50" },
      { request: 2, remaining: "19" },
      { request: 3, remaining: "77" },
      { request: 4, remaining: "10" },
    ]);
    assert.deepEqual([node.stake, node.thawing, node.slashed], ["627", "96", "1227"]);
    assert.equal(slashes.totalCount, 2);
  });

  it("parameters with the epoch that they count from, and prices", async () => {
    const { l2 } = world;
    const key = stringToHex("minStake", { size: 32 });
    l2.emit("parameters", "ParameterSet", { key, value: 1n });
    l2.emitAll([
      ["parameters", "ParameterSet", { key, value: 2n }],
      ["parameters", "ParameterScheduled", { key, value: 2n, effectiveEpoch: 9n }],
    ]);
    l2.emit("services", "PriceSet", { serviceId: 0, commodity: 1, price: 5n });
    await caughtUp(world);
    const { parameters, parameterChanges, services } = await ask(`{
      parameters { nodes { key value history { nodes { value effectiveEpoch } } } }
      parameterChanges(where: { key: { _contains: "MINST" } }) { totalCount }
      services { nodes { prices { commodity price } priceHistory { nodes { commodity price } } } } }`);
    const changed = parameters.nodes.find((row: { key: string }) => row.key === "minStake");
    assert.deepEqual(changed, {
      key: "minStake",
      value: "2",
      history: {
        nodes: [
          { value: "2", effectiveEpoch: 9 },
          { value: "1", effectiveEpoch: 0 },
        ],
      },
    });
    assert.equal(parameterChanges.totalCount, 2);
    assert.deepEqual(services.nodes[0].priceHistory.nodes, [
      { commodity: 1, price: "5" },
      { commodity: 0, price: "20000" },
    ]);
  });

  it("proposals with their votes", async () => {
    const { l2 } = world;
    const proposalId = 2n ** 255n;
    l2.emit("governor", "ProposalCreated", {
      proposalId,
      proposer: OTHER,
      targets: [CONTRACTS.parameters],
      values: [0n],
      signatures: [""],
      calldatas: ["0x1234"],
      voteStart: 10n,
      voteEnd: 20n,
      description: `# Cheaper\u0000${"x".repeat(10_000)}`,
    });
    for (const [voter, support, weight] of [
      [CLIENT, 1, 5n],
      [OTHER, 0, 2n],
    ])
      l2.emit("governor", "VoteCast", { voter, proposalId, support, weight, reason: "because" });
    l2.emit("governor", "ProposalExtended", { proposalId, extendedDeadline: 25n });
    l2.emit("governor", "ProposalQueued", { proposalId, etaSeconds: 30n });
    l2.emit("governor", "ProposalExecuted", { proposalId });
    await caughtUp(world);
    const { proposals, votes } = await ask(`{
      proposals(where: { description: { _contains: "cheaper" }, state: { _in: ["EXECUTED"] } }) { nodes { id proposer description
        calls { target value data } state voteStart voteEnd executableAt closedTx votesFor votesAgainst votesAbstain
        votes(where: { voter: { _eq: "${CLIENT}" } }) { totalCount nodes { support weight reason } } } }
      votes(where: { proposal: { _eq: "${proposalId}" } }) { totalCount } }`);
    const [{ description, closedTx, ...proposal }] = proposals.nodes;
    assert.equal(description, `# Cheaper\ufffd${"x".repeat(10_000)}`);
    assert.match(closedTx, /^0x/);
    assert.deepEqual(proposal, {
      id: String(proposalId),
      proposer: OTHER,
      calls: [{ target: CONTRACTS.parameters, value: "0", data: "0x1234" }],
      state: "EXECUTED",
      ...{ voteStart: 10, voteEnd: 25, executableAt: 30 },
      ...{ votesFor: "5", votesAgainst: "2", votesAbstain: "0" },
      votes: { totalCount: 1, nodes: [{ support: "FOR", weight: "5", reason: "because" }] },
    });
    assert.equal(votes.totalCount, 2);
  });

  it("lots with their bids", async () => {
    const { l2 } = world;
    const lot = { lotId: 0n, fromEpoch: 0n, toEpoch: 3n };
    const prices = { startPrice: 100n, floorPrice: 10n };
    const opened = l2.emit("auction", "LotOpened", {
      ...lot,
      ...prices,
      amount: 50n,
      revenue: 40n,
      closesAt: 99,
    });
    l2.emit("auction", "LotMoved", { lotId: 0n, opensAt: 7, closesAt: 100 });
    const bid = { lotId: 0n, bidder: OTHER, to: CLIENT };
    l2.emit("auction", "LotSold", { ...bid, stableSold: 20n, flkBurned: 9n });
    l2.emit("auction", "LotSold", { ...bid, stableSold: 10n, flkBurned: 3n });
    l2.emit("auction", "LotClosed", { ...lot, sold: 30n, burned: 12n, rolled: 20n, counted: 11n });
    await caughtUp(world);
    const { lots } =
      await ask(`{ lots { nodes { id fromEpoch toEpoch amount revenue startPrice floorPrice opensAt closesAt closed
      sold burned rolled counted block bids { nodes { bidder recipient stable flk } } } } }`);
    assert.deepEqual(lots.nodes, [
      {
        ...{
          id: 0,
          fromEpoch: 0,
          toEpoch: 3,
          amount: "50",
          revenue: "40",
          startPrice: "100",
          floorPrice: "10",
        },
        ...{ opensAt: 7, closesAt: 100, closed: true, sold: "30", burned: "12", rolled: "20", counted: "11" },
        block: opened,
        bids: {
          nodes: [
            { bidder: OTHER, recipient: CLIENT, stable: "20", flk: "9" },
            { bidder: OTHER, recipient: CLIENT, stable: "10", flk: "3" },
          ],
        },
      },
    ]);
  });

  it("requests of withdrawal, and every event as it was told, also of versions to come", async () => {
    const { l2 } = world;
    l2.emit("vault", "WithdrawRequested", { account: CLIENT, amount: 77n });
    l2.emit("settlement", "Upgraded", { implementation: OTHER });
    l2.emit("settlement", "ClaimFailed", { account: CLIENT, reason: "0x12" });
    l2.emit("timelock", "MinDelayChange", { oldDuration: 1n, newDuration: 2n });
    const topic = toHex(new Uint8Array(32).fill(0x5a));
    l2.emitUnknown("staking", [topic], "0x99");
    const reasons = async () => (await ask("{ _meta { reasons } }"))._meta.reasons as string[];
    await until("all of it is in", async () => /ERR_L2_EVENT/.test((await reasons()).join()));
    assert.match((await reasons()).join(), /ERR_L2_EVENT: staking .*update flk/);
    const { withdrawRequests, contractEvents, upgrades } = await ask(`{
      withdrawRequests { nodes { account amount } }
      contractEvents(first: 5, direction: DESC) { nodes { contract name args } }
      upgrades: contractEvents(where: { name: { _eq: "Upgraded" } }) { nodes { contract block finality } } }`);
    assert.deepEqual(withdrawRequests.nodes, [{ account: CLIENT, amount: "77" }]);
    const told = contractEvents.nodes
      .reverse()
      .map(({ contract, name, args }: Record<string, string>) => [
        contract,
        name,
        JSON.parse(args as string),
      ]);
    assert.deepEqual(told, [
      ["vault", "WithdrawRequested", { account: CLIENT, amount: "77" }],
      ["settlement", "Upgraded", { implementation: OTHER }],
      ["settlement", "ClaimFailed", { account: CLIENT, reason: "0x12" }],
      ["timelock", "MinDelayChange", { oldDuration: "1", newDuration: "2" }],
      ["staking", null, { topics: [topic], data: "0x99" }],
    ]);
    assert.equal(upgrades.nodes[0].finality, "FINAL");
  });
});
