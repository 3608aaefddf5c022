import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BitArray } from "@chainsafe/ssz";
import { createWalletClient, http } from "viem";
import { foundry } from "viem/chains";
import { buy } from "#cli/actions/auction.ts";
import {
  activateDue,
  approve,
  bid,
  claim,
  closeLot,
  createFlkClient,
  type FlkClient,
  getAllowance,
  getClaimed,
  getLotPrice,
  getNewestLot,
  getTokenBalance,
  type L2Client,
  openLot,
  registerNode,
  requestUnstake,
  stake,
  topUp,
  topUpWithPermit,
  walletSigner,
  withdrawStake,
} from "#client/index.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  NO_SETTLEMENT,
  reportHash,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { payoutRoot } from "#protocol/digests/trees.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { compareBytes } from "#protocol/types/codec.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { EpochReport } from "#protocol/types/settlement.ts";
import { FakeChain } from "#test/node/delivery/support/fake-chain.ts";
import { governance, signers, World } from "#test/node/l2/world.ts";
import { startRpc } from "#test/node/support/rpc.ts";

let world: World;
let l2: L2Client;
before(async () => {
  world = await World.create();
  const wallet = createWalletClient({
    account: governance,
    chain: foundry,
    transport: http(world.anvil.url),
  });
  l2 = { public: world.client, wallet, contracts: world.deployment };
});
after(() => world.anvil.stop());

const node = (nodeId: number) =>
  l2.public.readContract({
    address: l2.contracts.staking,
    abi: nodeStakingAbi,
    functionName: "node",
    args: [nodeId],
  });
const deposited = () =>
  l2.public.readContract({
    address: l2.contracts.vault,
    abi: clientVaultAbi,
    functionName: "deposited",
    args: [governance.address],
  });

test("a node is registered with proof of possession, staked, and unstaked; a revert tells the contract's error", async () => {
  const consensus = blsSigner(blsKeygen(new Uint8Array(32).fill(99)));
  const { flk, staking } = l2.contracts;
  await approve(l2, { token: flk, spender: staking, amount: 30n });
  const registration = {
    network: world.network,
    consensus,
    networkKey: new Uint8Array(32).fill(9),
    endpoints: "http://127.0.0.1:1",
  };
  const { nodeId, gasUsed } = await registerNode(l2, { ...registration, stake: 20n });
  assert.equal(nodeId, 5);
  assert.ok(gasUsed > 0n);
  await stake(l2, { nodeId, amount: 10n });
  assert.equal((await node(nodeId)).staked, 30n);
  await requestUnstake(l2, { nodeId, amount: 12n });
  assert.equal((await node(nodeId)).thawing, 12n);
  await world.test.increaseTime({ seconds: 365 * 86_400 });
  await world.test.mine({ blocks: 1 });
  assert.equal((await withdrawStake(l2, { nodeId })).amount, 12n);
  await assert.rejects(registerNode(l2, registration), (error) => {
    return isFlkError(error, "ERR_L2_REVERTED") && error.data.reason === "KeyAlreadyUsed";
  });
});

test("a client tops up with an approval, and with a permit in one transaction", async () => {
  const { stable, vault } = l2.contracts;
  const hash = await l2.wallet.writeContract({
    address: stable,
    abi: mockUsdAbi,
    functionName: "mint",
    args: [governance.address, 1_000n],
  });
  await l2.public.waitForTransactionReceipt({ hash });
  const before = await deposited();
  await topUpWithPermit(l2, { amount: 600n });
  await approve(l2, { token: stable, spender: vault, amount: 400n });
  await topUp(l2, { amount: 400n });
  assert.equal((await deposited()) - before, 1_000n);
  assert.equal(await getTokenBalance(l2, { token: stable, owner: governance.address }), 0n);
  await assert.rejects(topUpWithPermit(l2, { amount: 1n }), (error) => {
    return isFlkError(error, "ERR_L2_REVERTED") && error.data.reason === "ERC20InsufficientBalance";
  });
  assert.equal(walletSigner(l2.wallet).address, governance.address);
});

/** Opens the lot of the settled epoch, buys a part of it, and closes it when its time is over. */
async function sellLot(client: FlkClient): Promise<void> {
  const { flk, stable, auction } = world.deployment;
  assert.equal(await getNewestLot(l2), undefined);
  const { lotId } = await openLot(client, l2);
  assert.equal(lotId, 0n);
  const reverts = (reason: string) => (error: unknown) =>
    isFlkError(error, "ERR_L2_REVERTED") && error.data.reason === reason;
  await assert.rejects(openLot(client, l2), reverts("NoNewEpoch"));
  const price = await getLotPrice(l2, { lotId });
  const allowance = () => getAllowance(l2, { token: flk, owner: governance.address, spender: auction });
  await approve(l2, { token: flk, spender: auction, amount: 7n });
  await assert.rejects(buy(l2, { asked: 300n, maxFlk: 8n }), reverts("TooExpensive"));
  assert.equal(await allowance(), 7n, "a bid that fails leaves the allowance as it was");
  await approve(l2, { token: flk, spender: auction, amount: 1_000n * price });
  await assert.rejects(bid(l2, { lotId, amount: 300n, maxFlk: 1n }), reverts("TooExpensive"));
  const before = await getTokenBalance(l2, { token: stable, owner: governance.address });
  const bought = await buy(l2, { asked: 300n, maxFlk: 300n * price });
  assert.deepEqual([bought.lotId, bought.amount, bought.lot.sold], [lotId, 300n, 300n]);
  assert.equal(await allowance(), 1_000n * price - bought.lot.burned, "a larger one is not overwritten");
  assert.equal(await getTokenBalance(l2, { token: stable, owner: governance.address }), before + 300n);
  await assert.rejects(closeLot(l2, { lotId }), reverts("LotStillOpen"));
  await world.test.increaseTime({ seconds: 20 });
  await world.test.mine({ blocks: 1 });
  await assert.rejects(buy(l2, { maxFlk: price }), (error) => isFlkError(error, "ERR_NO_LOT"));
  await closeLot(l2, { lotId });
  const lot = await getNewestLot(l2);
  assert.ok(lot && lot.burned > 0n && lot.burned <= 300n * price);
  const { closesAt, burned, ...rest } = lot;
  assert.ok(closesAt > 0);
  assert.deepEqual(rest, { lotId, fromEpoch: 0, toEpoch: 0, closed: true, amount: 500n, sold: 300n });
  await assert.rejects(closeLot({ ...l2, contracts: { ...l2.contracts, auction: undefined } }, { lotId }), {
    code: "ERR_CONTRACT_UNKNOWN",
  });
}

test("a payout is claimed with the proof from a report that hashes to the settled one, once, and a lot of the buyback is sold", async () => {
  const chain = new FakeChain();
  const report = EpochReport.defaultValue();
  report.payouts = [
    { account: fromHex(governance.address), stable: 1_234n, flk: 0n },
    { account: fromHex(world.deployment.auction), stable: 500n, flk: 0n },
  ].sort((a, b) => compareBytes(a.account, b.account));
  const previous = await l2.public.readContract({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "latestDigest",
  });
  const certificate = world.certificate(0, fromHex(previous), [0, 1, 2, 3]);
  const { settlement } = certificate;
  Object.assign(settlement, {
    payoutRoot: payoutRoot(report.payouts),
    reportHash: reportHash(report),
    totalPayoutStable: 1_734n,
  });
  const message = settlementMessage(world.network.networkId, 0, settlementDigest(settlement));
  const signature = blsAggregateSignatures(signers.map((signer: BlsSigner) => signer.sign(message)));
  let served = report;
  chain.report = async () => ({ ...served, closeTime: served.closeTime });
  const full = { ...certificate, signers: BitArray.fromBoolArray([true, true, true, true]), signature };
  const view = Object.assign(chain, { settlement: async () => full });
  const rpc = await startRpc({ chain: view, pool: chain });
  try {
    const { chainId, settlement: address } = world.network;
    const client = createFlkClient({
      rpcUrl: rpc.url,
      chainId,
      settlement: address,
    });
    await assert.rejects(claim(client, l2), (error) => isFlkError(error, "ERR_NOT_SETTLED"));
    const hash = await l2.wallet.writeContract({
      address,
      abi: epochSettlementAbi,
      functionName: "settle",
      args: [
        NO_SETTLEMENT,
        toL2Settlement(settlement),
        toL2Committee(certificate.committee),
        [],
        toHex(g2ToEip2537(signature)),
      ],
      // an estimate does not know that the poster is paid back
      gas: 3_000_000n,
    });
    await l2.public.waitForTransactionReceipt({ hash });
    assert.deepEqual(await activateDue(client, l2), [], "the guardian may still veto it");
    await assert.rejects(claim(client, l2), (error) => isFlkError(error, "ERR_NOT_SETTLED"));
    await world.test.increaseTime({ seconds: 10 });
    await world.test.mine({ blocks: 1 });
    assert.equal((await activateDue(client, l2)).length, 1);
    served = { ...report, units: 1n };
    await assert.rejects(claim(client, l2), (error) => isFlkError(error, "ERR_REPORT_HASH"));
    served = report;
    await assert.rejects(claim(client, l2, { account: toHex(new Uint8Array(20).fill(1)) }), (error) => {
      return isFlkError(error, "ERR_NO_PAYOUT");
    });
    assert.equal((await claim(client, l2)).stable, 1_234n);
    assert.equal((await getClaimed(l2, { account: governance.address })).stable, 1_234n);
    assert.equal((await claim(client, l2)).receipt, undefined, "nothing is left to claim");
    await sellLot(client);
  } finally {
    await rpc.stop();
  }
});
