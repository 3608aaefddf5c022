import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import {
  authorizeTopUp,
  escapeVault,
  freeze,
  getEscapeRoot,
  getOpening,
  getTokenBalance,
  type L2Client,
  requestWithdraw,
  topUpWithAuthorization,
} from "#client/index.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { type BlsSigner, blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  NO_SETTLEMENT,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import { balanceRoot } from "#protocol/digests/trees.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { EpochReport, type Settlement } from "#protocol/types/settlement.ts";
import { governance, POSTER_KEY, signers, World } from "#test/node/l2/world.ts";

const USD = 1_000_000n;
const RANGE = { fromBlock: 0n, page: 5n };
const stranger = privateKeyToAccount(POSTER_KEY);
const newcomer = privateKeyToAccount(`0x${"77".repeat(32)}`);

let world: World;
let l2: L2Client;
let helper: L2Client;

before(async () => {
  world = await World.create();
  const client = (account: ReturnType<typeof privateKeyToAccount>): L2Client => ({
    public: world.client,
    wallet: createWalletClient({ account, chain: foundry, transport: http(world.anvil.url) }),
    contracts: world.deployment,
  });
  l2 = client(governance);
  helper = client(stranger);
});
after(() => world.anvil.stop());

const reverted = (reason: string) => (error: unknown) =>
  isFlkError(error, "ERR_L2_REVERTED") && error.data.reason === reason;
const deposited = (account: `0x${string}`) =>
  l2.public.readContract({
    address: l2.contracts.vault,
    abi: clientVaultAbi,
    functionName: "deposited",
    args: [account],
  });
const dollars = (owner: `0x${string}`) => getTokenBalance(l2, { token: l2.contracts.stable, owner });
const status = () =>
  l2.public.readContract({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "status",
  });

async function mint(amount: bigint, to = governance.address): Promise<void> {
  const hash = await l2.wallet.writeContract({
    address: l2.contracts.stable,
    abi: mockUsdAbi,
    functionName: "mint",
    args: [to, amount],
  });
  await l2.public.waitForTransactionReceipt({ hash });
}

async function later(seconds: number): Promise<void> {
  await world.test.increaseTime({ seconds });
  await world.test.mine({ blocks: 1 });
}

/** Posts a settlement of `epoch` with these balances. */
async function post(
  epoch: number,
  before: Settlement | undefined,
  balances: EpochReport["balances"],
): Promise<Settlement> {
  const certificate = world.certificate(epoch, await world.latestDigest(), [0, 1, 2, 3]);
  const { settlement, committee } = certificate;
  settlement.balanceRoot = balanceRoot(balances);
  settlement.totalBalances = balances.reduce((sum, { balance }) => sum + balance, 0n);
  settlement.l2Number = Number(await l2.public.getBlockNumber());
  const message = settlementMessage(world.network.networkId, epoch, settlementDigest(settlement));
  const signature = blsAggregateSignatures(signers.map((signer: BlsSigner) => signer.sign(message)));
  const hash = await l2.wallet.writeContract({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    functionName: "settle",
    args: [
      before ? toL2Settlement(before) : NO_SETTLEMENT,
      toL2Settlement(settlement),
      toL2Committee(committee),
      [],
      toHex(g2ToEip2537(signature)),
    ],
    gas: 3_000_000n,
  });
  const receipt = await l2.public.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  return settlement;
}

test("whoever holds a signed authorization makes the deposit, for its beneficiary alone, once", async () => {
  await mint(3n * USD);
  const before = await deposited(governance.address);
  const authorization = await authorizeTopUp(l2, { amount: 3n * USD });
  assert.equal(authorization.beneficiary, governance.address);
  const stolen = { ...authorization, beneficiary: stranger.address };
  await assert.rejects(topUpWithAuthorization(helper, { authorization: stolen }), (error) =>
    isFlkError(error, "ERR_L2_REVERTED"),
  );
  await topUpWithAuthorization(helper, { authorization });
  assert.equal((await deposited(governance.address)) - before, 3n * USD);
  assert.equal(await dollars(governance.address), 0n);
  await assert.rejects(topUpWithAuthorization(helper, { authorization }), (error) =>
    isFlkError(error, "ERR_L2_REVERTED"),
  );
});

test("an authorization is over after its time", async () => {
  await mint(USD);
  const authorization = await authorizeTopUp(l2, {
    amount: USD,
    beneficiary: stranger.address,
    seconds: 5n,
  });
  await later(10);
  await assert.rejects(topUpWithAuthorization(helper, { authorization }), (error) =>
    isFlkError(error, "ERR_L2_REVERTED"),
  );
  assert.equal(await deposited(stranger.address), 0n);
});

test("a withdrawal is asked for on the L2 by who ever deposited", async () => {
  const { blockNumber } = await requestWithdraw(l2, { amount: 2n * USD });
  const [log] = await l2.public.getContractEvents({
    address: l2.contracts.vault,
    abi: clientVaultAbi,
    eventName: "WithdrawRequested",
    fromBlock: blockNumber,
    strict: true,
  });
  assert.deepEqual(log?.args, { account: governance.address, amount: 2n * USD });
  await assert.rejects(requestWithdraw(helper, { amount: USD }), reverted("WithdrawalTooSmall"));
});

test("when nothing becomes active any more, anyone freezes and everyone leaves with what is theirs", async () => {
  // the settlements of World close later than the clock of this machine
  await later(365 * 86_400);
  assert.deepEqual(await getOpening(l2, RANGE), { active: NO_SETTLEMENT, firstPending: NO_SETTLEMENT });
  const seen = await deposited(governance.address);
  const balances = [{ account: fromHex(governance.address), balance: 4n * USD, depositsSeen: seen }];
  const first = await post(0, undefined, balances);
  assert.deepEqual(await getOpening(l2, RANGE), {
    active: NO_SETTLEMENT,
    firstPending: toL2Settlement(first),
  });
  await later(10);
  const second = await post(1, first, [{ ...(balances[0] as (typeof balances)[0]), balance: 1n }]);
  assert.equal((await status()).activeEpochs, 1n, "the first became active with the second");
  const opening = { active: toL2Settlement(first), firstPending: toL2Settlement(second) };
  assert.deepEqual(await getOpening(l2, RANGE), opening);
  await assert.rejects(getOpening(l2, { fromBlock: (await l2.public.getBlockNumber()) + 1n }), (error) =>
    isFlkError(error, "ERR_NOT_SETTLED"),
  );
  // deposits of a newcomer that no settlement saw
  await world.test.setBalance({ address: newcomer.address, value: 10n ** 18n });
  await mint(7n * USD);
  await topUpWithAuthorization(l2, {
    authorization: await authorizeTopUp(l2, { amount: 7n * USD, beneficiary: newcomer.address }),
  });

  await assert.rejects(freeze(helper, RANGE), reverted("EscapeNotOpen"));
  await assert.rejects(escapeVault(l2), reverted("NotFrozen"));
  await later(700);
  await freeze(helper, RANGE);
  const root = await getEscapeRoot(l2);
  assert.deepEqual(
    { open: root.open, activeEpochs: root.activeEpochs, balanceRoot: root.balanceRoot },
    { open: true, activeEpochs: 1, balanceRoot: toHex(first.balanceRoot) },
  );

  const report: EpochReport = { ...EpochReport.defaultValue(), balances };
  const before = await dollars(governance.address);
  const left = { report, account: governance.address };
  await assert.rejects(escapeVault(l2, { account: governance.address }), (error) =>
    isFlkError(error, "ERR_NOT_SETTLED"),
  );
  const doctored = { ...report, balances: [{ ...(balances[0] as (typeof balances)[0]), balance: 5n * USD }] };
  await assert.rejects(escapeVault(l2, { report: doctored }), (error) =>
    isFlkError(error, "ERR_REPORT_HASH"),
  );
  await assert.rejects(escapeVault(helper, { report }), (error) => isFlkError(error, "ERR_NO_BALANCE"));
  await escapeVault(helper, left);
  assert.equal((await dollars(governance.address)) - before, 4n * USD);
  await assert.rejects(escapeVault(l2, left), reverted("NothingToEscape"));
  await escapeVault(helper, { account: newcomer.address });
  assert.equal(await dollars(newcomer.address), 7n * USD);
});
