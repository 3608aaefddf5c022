import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { keccak256, stringToHex, toHex } from "viem";
import { transactionQuery } from "#indexer/explorer/queries/transactions.ts";
import { CLIENT, OTHER } from "./support/chain.ts";
import { CONTRACTS } from "./support/fake-l2.ts";
import { caughtUp, get, startWorld, type World } from "./support/world.ts";

type Event = Parameters<World["l2"]["emitAll"]>[0][number];

/** Of every table that events have: none may hide what a transaction did. */
const EVENTS: Event[] = [
  ["vault", "Deposited", { account: CLIENT, from: OTHER, amount: 5n, total: 5n }],
  ["vault", "WithdrawRequested", { account: CLIENT, amount: 2n }],
  ["vault", "Escaped", { account: CLIENT, amount: 5n, balance: 3n, depositsCounted: 2n }],
  [
    "settlement",
    "Claimed",
    {
      account: CLIENT,
      payee: OTHER,
      stablePaid: 1n,
      flkPaid: 2n,
      cumulativeStable: 1n,
      cumulativeFlk: 2n,
    },
  ],
  ["settlement", "PayeeSet", { account: CLIENT, payee: OTHER }],
  ["settlement", "Upgraded", { implementation: OTHER }],
  ["staking", "StakeChanged", { nodeId: 1, staked: 9n, thawing: 0n }],
  ["staking", "StakeLocked", { nodeId: 1, lockedUntil: 1_900_000_000n }],
  ["staking", "UnstakeRequested", { nodeId: 1, requestId: 0n, amount: 1n, maturesAt: 1_800_000_000n }],
  ["staking", "UnstakeCancelled", { nodeId: 1, requestId: 0n, amount: 1n }],
  ["staking", "Slashed", { nodeId: 1, amount: 1n, reporter: OTHER, reward: 1n }],
  ["staking", "OperatorSet", { nodeId: 1, operator: OTHER }],
  ["flk", "Transfer", { from: CLIENT, to: OTHER, value: 3n }],
  ["flk", "Approval", { owner: CLIENT, spender: OTHER, value: 3n }],
  ["parameters", "ParameterSet", { key: stringToHex("probesPerEpoch", { size: 32 }), value: 1n }],
  ["services", "PriceSet", { serviceId: 0, commodity: 1, price: 5n }],
  ["services", "MetadataSet", { serviceId: 0, metadataUri: "ipfs://x" }],
  [
    "governor",
    "ProposalCreated",
    {
      proposalId: 7n,
      proposer: OTHER,
      targets: [CONTRACTS.parameters],
      values: [0n],
      signatures: [""],
      calldatas: ["0x"],
      voteStart: 10n,
      voteEnd: 20n,
      description: "# More",
    },
  ],
  ["governor", "VoteCast", { voter: CLIENT, proposalId: 7n, support: 1, weight: 8n, reason: "because" }],
  ["governor", "ProposalQueued", { proposalId: 7n, etaSeconds: 30n }],
  ["governor", "ProposalExecuted", { proposalId: 7n }],
  ["timelock", "MinDelayChange", { oldDuration: 1n, newDuration: 2n }],
];

describe("a transaction of the L2 by its hash", () => {
  let world: World;
  const lookFor = (hash: string) => get(world.indexer, String(transactionQuery.text), { hash });

  before(async () => {
    world = await startWorld();
    await caughtUp(world);
  });
  after(() => world.stop());

  it("is found whatever of the network's contracts it called, with all its events in their order", async () => {
    const block = world.l2.emitAll(EVENTS);
    await caughtUp(world);
    const { transaction, contractEvents } = await lookFor(keccak256(toHex(`tx ${block}`)));
    assert.equal(transaction, null);
    assert.equal(contractEvents.totalCount, EVENTS.length);
    const told = contractEvents.nodes.map((event: Record<string, unknown>) => [event.contract, event.name]);
    assert.deepEqual(
      told,
      EVENTS.map(([contract, name]) => [contract, name]),
    );
    assert.deepEqual(JSON.parse(contractEvents.nodes[0].args), {
      account: CLIENT,
      from: OTHER,
      amount: "5",
      total: "5",
    });
  });

  it("is not found where there is none", async () => {
    const { contractEvents } = await lookFor(`0x${"99".repeat(32)}`);
    assert.equal(contractEvents.totalCount, 0);
  });
});
