import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Address, BaseError, ContractFunctionRevertedError, parseEventLogs } from "viem";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  genesisDigest,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { payoutProof, payoutRoot } from "#protocol/digests/trees.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { PayoutEntry, Settlement } from "#protocol/types/settlement.ts";
import { registerTestNode, signedSettle, testCommittee } from "./support/committee.ts";
import { reachTime, startTestL2, type TestL2 } from "./support/l2.ts";

const START = 1_800_000_000_000;
const FLK = 10n ** 18n;
/** Above every call: estimates know neither the gas price nor the block. */
const GAS = 3_000_000n;
const genesis = testCommittee(0, [1, 2, 3, 4]);
let l2: TestL2;
let genesisHash: Uint8Array;

before(async () => {
  l2 = await startTestL2();
  for (const id of [1, 2, 3, 4, 5]) await registerTestNode(l2, id, id);
  genesisHash = await start();
});
after(() => l2?.stop());

async function start(): Promise<Uint8Array> {
  await reachTime(l2, START);
  const hash = await l2.wallet(0).writeContract({
    address: l2.deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "start",
    args: [toL2Committee(genesis), BigInt(START)],
  });
  const receipt = await l2.client.waitForTransactionReceipt({ hash });
  const [started] = parseEventLogs({ abi: epochSettlementAbi, logs: receipt.logs, eventName: "Started" });
  assert.ok(started);
  const { networkId } = l2.deployment;
  const digest = genesisDigest(
    fromHex(networkId),
    committeeHash(genesis),
    START,
    Number(receipt.blockNumber),
  );
  assert.equal(started.args.genesisDigest, toHex(digest));
  assert.equal(started.args.committeeHash, toHex(committeeHash(genesis)));
  assert.equal(started.args.flkSupply, 1_000_000_000n * FLK);
  return digest;
}

async function send(args: Parameters<typeof signedSettle>): Promise<{ gas: bigint; digest: Hex }> {
  const { request } = await l2.client.simulateContract({
    account: l2.wallet(9).account,
    address: l2.deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "settle",
    args: signedSettle(...args),
  });
  const receipt = await l2.client.waitForTransactionReceipt({
    hash: await l2.wallet(9).writeContract({ ...request, gas: GAS }),
  });
  const [settled] = parseEventLogs({ abi: epochSettlementAbi, logs: receipt.logs, eventName: "Settled" });
  assert.ok(settled);
  return { gas: receipt.gasUsed, digest: settled.args.digest };
}

async function activate(settlement: Settlement): Promise<void> {
  const { request } = await l2.client.simulateContract({
    account: l2.wallet(9).account,
    address: l2.deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "activate",
    args: [toL2Settlement(settlement)],
  });
  await l2.client.waitForTransactionReceipt({
    hash: await l2.wallet(9).writeContract({ ...request, gas: GAS }),
  });
}

async function claim(entries: PayoutEntry[], account: Uint8Array): Promise<void> {
  const found = payoutProof(entries, account);
  assert.ok(found);
  const { request } = await l2.client.simulateContract({
    account: l2.wallet(9).account,
    address: l2.deployment.settlement,
    abi: epochSettlementAbi,
    functionName: "claim",
    args: [toHex(account), found.entry.stable, found.entry.flk, found.proof],
  });
  await l2.client.waitForTransactionReceipt({
    hash: await l2.wallet(9).writeContract({ ...request, gas: GAS }),
  });
}

async function topUp(account: Address, amount: bigint): Promise<void> {
  const { stable, vault } = l2.deployment;
  const payer = l2.wallet(0);
  const calls = [
    () =>
      payer.writeContract({
        address: stable,
        abi: mockUsdAbi,
        functionName: "mint",
        args: [payer.account.address, amount],
      }),
    () =>
      payer.writeContract({
        address: stable,
        abi: mockUsdAbi,
        functionName: "approve",
        args: [vault, amount],
      }),
    () =>
      payer.writeContract({
        address: vault,
        abi: clientVaultAbi,
        functionName: "deposit",
        args: [account, amount],
      }),
  ];
  for (const call of calls) await l2.client.waitForTransactionReceipt({ hash: await call() });
}

function settlementOf(epoch: number, previous: Uint8Array, fields: Partial<Settlement>): Settlement {
  const zero = new Uint8Array(32);
  return {
    epoch,
    previous,
    closeTime: START + 30_000 * (epoch + 1),
    l2Number: 10 * epoch,
    l2Hash: zero,
    stateRoot: zero,
    payoutRoot: zero,
    balanceRoot: zero,
    reportHash: zero,
    totalBalances: 0n,
    totalPayoutStable: 0n,
    totalPayoutFlk: 0n,
    slashListHash: EMPTY_SLASH_LIST,
    nextCommitteeHash: zero,
    ...fields,
  };
}

async function revertName(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (!(revert instanceof ContractFunctionRevertedError)) throw error;
    return revert.data?.errorName;
  }
}

test("blst signatures settle two epochs with a committee change, and merkle proofs of TypeScript claim", async () => {
  const alice = fromHex(l2.wallet(7).account.address);
  const bob = fromHex(l2.wallet(8).account.address);
  await topUp(l2.wallet(6).account.address, 1_000_000n);
  const { networkId } = l2.deployment;

  const first: PayoutEntry[] = [
    { account: alice, stable: 600n, flk: FLK },
    { account: bob, stable: 400n, flk: 0n },
  ];
  const second = testCommittee(1, [2, 3, 4, 5]);
  const s0 = settlementOf(0, genesisHash, {
    payoutRoot: payoutRoot(first),
    totalBalances: 999_000n,
    totalPayoutStable: 1_000n,
    totalPayoutFlk: FLK,
    nextCommitteeHash: committeeHash(second),
  });
  await reachTime(l2, s0.closeTime);
  const settled = await send([networkId, s0, genesis]);
  assert.equal(settled.digest, toHex(settlementDigest(s0)));
  assert.ok(settled.gas < 450_000n, `settle took ${settled.gas} gas`);
  assert.equal(await revertName(activate(s0)), "NotDue");
  await reachTime(l2, s0.closeTime + 10_000);
  await activate(s0);
  await claim(first, alice);
  assert.equal(await revertName(claim(first, alice)), "NothingToClaim");

  const later: PayoutEntry[] = [
    { account: alice, stable: 900n, flk: 3n * FLK },
    { account: bob, stable: 700n, flk: FLK },
  ];
  const s1 = settlementOf(1, settlementDigest(s0), {
    payoutRoot: payoutRoot(later),
    totalBalances: 998_400n,
    totalPayoutStable: 1_600n,
    totalPayoutFlk: 4n * FLK,
    nextCommitteeHash: committeeHash(testCommittee(2, [1, 2, 3, 4])),
  });
  await reachTime(l2, s1.closeTime);
  assert.equal(await revertName(send([networkId, s1, second, [3, 4], s0])), "QuorumNotReached");
  assert.equal(await revertName(send([`0x${"00".repeat(32)}`, s1, second, [], s0])), "InvalidSignature");
  await send([networkId, s1, second, [3], s0]);
  assert.equal(await revertName(send([networkId, s1, second, [3], s0])), "WrongEpoch");
  assert.equal(await revertName(claim(later, bob)), "InvalidProof");
  await reachTime(l2, s1.closeTime + 10_000);
  await activate(s1);
  assert.equal(await revertName(claim(first, bob)), "InvalidProof");
  await claim(later, alice);
  await claim(later, bob);

  const { flk, stable, settlement } = l2.deployment;
  const held = (token: Hex, abi: typeof flkAbi | typeof mockUsdAbi, account: Hex) =>
    l2.client.readContract({ address: token, abi, functionName: "balanceOf", args: [account] });
  assert.equal(await held(stable, mockUsdAbi, toHex(alice)), 900n);
  assert.equal(await held(stable, mockUsdAbi, toHex(bob)), 700n);
  assert.equal(await held(flk, flkAbi, toHex(alice)), 3n * FLK);
  assert.equal(await held(flk, flkAbi, toHex(bob)), FLK);
  assert.equal(await held(flk, flkAbi, settlement), 0n);
});
