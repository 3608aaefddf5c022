import assert from "node:assert/strict";
import { test } from "node:test";
import { type Abi, encodeAbiParameters, encodeEventTopics } from "viem";
import type { MinedLog } from "#node/l2/agreeing-rpc.ts";
import { parseLogs } from "#node/l2/parse-logs.ts";
import { buybackAuctionAbi } from "#protocol/abi/BuybackAuction.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, "0")}`;
const contracts = {
  staking: address(1),
  vault: address(2),
  parameters: address(3),
  services: address(4),
  settlement: address(5),
  auction: address(6),
};
const SOMEBODY = address(0xabc);

interface Input {
  name: string;
  type: string;
  indexed?: boolean;
}

/** A log of `eventName` as the L2 gives it; `values` by name. */
function logOf(from: Hex, abi: Abi, eventName: string, values: Record<string, unknown>): MinedLog {
  const event = abi.find((item) => item.type === "event" && item.name === eventName);
  const inputs = (event as unknown as { inputs: Input[] }).inputs;
  const rest = inputs.filter(({ indexed }) => !indexed);
  return {
    address: from,
    topics: encodeEventTopics({ abi, eventName, args: values } as Parameters<typeof encodeEventTopics>[0]),
    data: encodeAbiParameters(
      rest,
      rest.map(({ name }) => values[name]),
    ),
    blockNumber: 7n,
    logIndex: 0,
    blockHash: `0x${"00".repeat(32)}`,
    transactionHash: `0x${"00".repeat(32)}`,
    transactionIndex: 0,
    removed: false,
  } as unknown as MinedLog;
}

const eventOf = (log: MinedLog) => parseLogs(contracts, [log]).events[0]?.event;

test("what an operator, a client and a service's owner do on the L2 becomes an event", () => {
  const { publicKey } = blsSigner(blsKeygen(new Uint8Array(32).fill(7)));
  const key = toHex(g1ToEip2537(publicKey));
  const networkKey: Hex = `0x${"11".repeat(32)}`;
  const staking = (name: string, values: Record<string, unknown>) =>
    eventOf(logOf(contracts.staking, nodeStakingAbi, name, { nodeId: 3, ...values }));
  assert.deepEqual(staking("KeyRotated", { keyVersion: 2, key, fromEpoch: 9n }), {
    type: "keyRotated",
    nodeId: 3,
    keyVersion: 2,
    consensusKey: publicKey,
  });
  assert.deepEqual(staking("NetworkKeyRotated", { networkKey }), {
    type: "networkKeyRotated",
    nodeId: 3,
    networkKey: fromHex(networkKey),
  });
  assert.deepEqual(staking("ParticipationSet", { optedIn: false }), {
    type: "participationSet",
    nodeId: 3,
    optedIn: false,
  });
  assert.deepEqual(staking("PayeeSet", { payee: SOMEBODY }), {
    type: "payeeSet",
    nodeId: 3,
    payee: fromHex(SOMEBODY),
  });
  assert.deepEqual(staking("StakeLocked", { lockedUntil: 1n }), {
    type: "stakeLocked",
    nodeId: 3,
    lockedUntil: 1n,
  });
  const asked = { account: SOMEBODY, amount: 5n };
  assert.deepEqual(eventOf(logOf(contracts.vault, clientVaultAbi, "WithdrawRequested", asked)), {
    type: "withdrawRequested",
    account: fromHex(SOMEBODY),
    amount: 5n,
  });
  const moved = { serviceId: 1, previousOwner: address(9), owner: SOMEBODY };
  assert.deepEqual(eventOf(logOf(contracts.services, serviceRegistryAbi, "ServiceTransferred", moved)), {
    type: "serviceTransferred",
    serviceId: 1,
    owner: fromHex(SOMEBODY),
  });
});

test("the closing of a lot becomes an event that names its auction; opening it and bids do not", () => {
  const lot = { lotId: 4n, fromEpoch: 3n, toEpoch: 5n, sold: 7n, burned: 8n, rolled: 9n, counted: 6n };
  assert.deepEqual(eventOf(logOf(contracts.auction, buybackAuctionAbi, "LotClosed", lot)), {
    type: "lotClosed",
    auction: fromHex(contracts.auction),
    fromEpoch: 3,
    toEpoch: 5,
    sold: 7n,
    rolled: 9n,
    burned: 8n,
    counted: 6n,
  });
  const bid = { lotId: 4n, bidder: SOMEBODY, to: SOMEBODY, stableSold: 1n, flkBurned: 1n };
  assert.equal(eventOf(logOf(contracts.auction, buybackAuctionAbi, "LotSold", bid)), undefined);
});

test("a freeze stops the reader with ERR_L2_RESTART, since it cannot roll back", () => {
  const values = { activeEpochs: 4n, balanceRoot: `0x${"00".repeat(32)}`, l2Number: 9n };
  const log = logOf(contracts.settlement, epochSettlementAbi, "Frozen", values);
  assert.throws(
    () => parseLogs(contracts, [log]),
    (error) => isFlkError(error, "ERR_L2_RESTART") && error.data.activeEpochs === 4,
  );
});

test("a restart stops the reader too, before any event that is read with it", () => {
  const committee = {
    epoch: 9n,
    members: "0x",
    aggregateKey: `0x${"00".repeat(128)}`,
  };
  const restart = logOf(contracts.settlement, epochSettlementAbi, "Restart", {
    activeEpochs: 0n,
    resumeEpoch: 9n,
    digest: `0x${"22".repeat(32)}`,
    committee,
    committeeHash: `0x${"33".repeat(32)}`,
    closeTime: 1n,
    recovered: false,
  });
  const payee = logOf(contracts.staking, nodeStakingAbi, "PayeeSet", { nodeId: 3, payee: SOMEBODY });
  for (const logs of [
    [restart, payee],
    [payee, restart],
  ])
    assert.throws(
      () => parseLogs(contracts, logs),
      (error) =>
        isFlkError(error, "ERR_L2_RESTART") &&
        error.data.event === "Restart" &&
        error.data.activeEpochs === 0 &&
        error.data.block === 7,
    );
});
