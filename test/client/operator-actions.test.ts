import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createWalletClient, http, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { foundry } from "viem/chains";
import {
  approve,
  cancelUnstake,
  getThawingRequests,
  type L2Client,
  lockStake,
  requestUnstake,
  rotateKeys,
  rotateNetworkKey,
  setClaimPayee,
  setEndpoints,
  setNodePayee,
  setOperator,
  setParticipation,
  slashEquivocation,
  stake,
} from "#client/index.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { consensusMessage, headerSlot, KIND } from "#protocol/digests/consensus.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { governance, POSTER_KEY, signers, World } from "#test/node/l2/world.ts";

const FLK = 10n ** 18n;
const NODE = 2;
const payee = `0x${"f1".repeat(20)}` as const;

let world: World;
let owner: L2Client;
let operator: L2Client;

before(async () => {
  world = await World.create();
  const client = (account: ReturnType<typeof privateKeyToAccount>): L2Client => ({
    public: world.client,
    wallet: createWalletClient({ account, chain: foundry, transport: http(world.anvil.url) }),
    contracts: world.deployment,
  });
  owner = client(governance);
  operator = client(privateKeyToAccount(POSTER_KEY));
});
after(() => world.anvil.stop());

const node = () =>
  owner.public.readContract({
    address: owner.contracts.staking,
    abi: nodeStakingAbi,
    functionName: "node",
    args: [NODE],
  });
const reverted = (reason: string) => (error: unknown) =>
  isFlkError(error, "ERR_L2_REVERTED") && error.data.reason === reason;

test("a request to unstake is listed, and becomes stake again", async () => {
  const before = await node();
  await requestUnstake(owner, { nodeId: NODE, amount: 3n });
  await requestUnstake(owner, { nodeId: NODE, amount: 4n });
  const requests = await getThawingRequests(owner, { nodeId: NODE });
  assert.deepEqual(
    requests.map(({ amount }) => amount),
    [3n, 4n],
  );
  const [first, second] = requests;
  assert.ok(first && second && first.id < second.id && second.maturesAt >= first.maturesAt);
  await cancelUnstake(owner, { nodeId: NODE, requestId: first.id });
  assert.deepEqual(await getThawingRequests(owner, { nodeId: NODE }), [second]);
  assert.equal((await node()).staked, before.staked - 4n);
  await assert.rejects(
    cancelUnstake(owner, { nodeId: NODE, requestId: first.id }),
    reverted("UnknownRequest"),
  );
});

test("a lock keeps stake in, and is never shortened", async () => {
  await lockStake(owner, { nodeId: NODE, seconds: 1_000n });
  const { lockedUntil } = await node();
  const { timestamp } = await owner.public.getBlock();
  assert.ok(lockedUntil > timestamp && lockedUntil <= timestamp + 1_000n);
  await assert.rejects(requestUnstake(owner, { nodeId: NODE, amount: 1n }), reverted("StillLocked"));
  await assert.rejects(lockStake(owner, { nodeId: NODE, seconds: 10n }), reverted("LockShortened"));
});

test("an operator runs the node and touches no money, until the owner names nobody", async () => {
  const { address } = operator.wallet.account;
  await assert.rejects(
    setParticipation(operator, { nodeId: NODE, optedIn: false }),
    reverted("NotNodeOwner"),
  );
  await setOperator(owner, { nodeId: NODE, operator: address });
  assert.equal((await node()).operator, address);
  await setParticipation(operator, { nodeId: NODE, optedIn: false });
  assert.equal((await node()).optedIn, false);
  await setParticipation(operator, { nodeId: NODE, optedIn: true });
  const networkKey = new Uint8Array(32).fill(0x77);
  await rotateNetworkKey(operator, { nodeId: NODE, networkKey });
  assert.equal((await node()).networkKey, toHex(networkKey));
  await setEndpoints(operator, { nodeId: NODE, endpoints: "http://new.example:4220" });
  const [log] = await owner.public.getContractEvents({
    address: owner.contracts.staking,
    abi: nodeStakingAbi,
    eventName: "EndpointsSet",
    fromBlock: 0n,
    strict: true,
  });
  assert.equal(log?.args.endpoints, "http://new.example:4220");
  await assert.rejects(setNodePayee(operator, { nodeId: NODE, payee }), reverted("NotNodeOwner"));
  await setOperator(owner, { nodeId: NODE });
  assert.equal((await node()).operator, zeroAddress);
});

test("a consensus key is rotated by whoever runs the node, with a proof for its owner, once per epoch", async () => {
  await setOperator(owner, { nodeId: NODE, operator: operator.wallet.account.address });
  const consensus = blsSigner(blsKeygen(new Uint8Array(32).fill(0x78)));
  await rotateKeys(operator, { network: world.network, nodeId: NODE, consensus });
  assert.equal((await node()).keyVersion, 1);
  const key = await owner.public.readContract({
    address: owner.contracts.staking,
    abi: nodeStakingAbi,
    functionName: "keyOf",
    args: [NODE, 1],
  });
  assert.deepEqual(fromHex(key), g1ToEip2537(consensus.publicKey));
  const other = blsSigner(blsKeygen(new Uint8Array(32).fill(0x79)));
  await assert.rejects(
    rotateKeys(owner, { network: world.network, nodeId: NODE, consensus: other }),
    reverted("RotatedThisEpoch"),
  );
});

test("payees are named for what a node earns, and for what an account claims", async () => {
  await setNodePayee(owner, { nodeId: NODE, payee });
  assert.equal((await node()).payee.toLowerCase(), payee);
  const payeeOf = async () => {
    const found = await owner.public.readContract({
      address: owner.contracts.settlement,
      abi: epochSettlementAbi,
      functionName: "payeeOf",
      args: [governance.address],
    });
    return found.toLowerCase();
  };
  await setClaimPayee(owner, { payee });
  assert.equal(await payeeOf(), payee);
  await setClaimPayee(owner);
  assert.equal(await payeeOf(), governance.address.toLowerCase());
});

test("who shows two headers of one round gets a part of what their signer loses", async () => {
  const { flk, staking } = owner.contracts;
  await approve(owner, { token: flk, spender: staking, amount: 100n * FLK });
  await stake(owner, { nodeId: NODE, amount: 100n * FLK });
  const payloads = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
  const slot = headerSlot(4);
  const signer = signers[NODE - 1] as BlsSigner;
  const shares = payloads.map((payload) =>
    signer.sign(consensusMessage(world.network.networkId, KIND.header, 0, slot, payload)),
  );
  const evidence = {
    kind: KIND.header,
    epoch: 0n,
    slot,
    payloadA: toHex(payloads[0]),
    signersA: [BigInt(NODE) << 32n],
    payloadB: toHex(payloads[1]),
    signersB: [BigInt(NODE) << 32n],
    signature: toHex(g2ToEip2537(blsAggregateSignatures(shares))),
  };
  const forged = { ...evidence, slot: slot + 1n };
  await assert.rejects(slashEquivocation(operator, { evidence: forged }), reverted("InvalidSignature"));
  const before = await node();
  const { slashed } = await slashEquivocation(operator, { evidence });
  const after = await node();
  assert.equal(slashed, (before.staked + before.thawing) / 10n);
  assert.equal(after.slashed, slashed);
  assert.equal(after.optedIn, false);
  await assert.rejects(slashEquivocation(operator, { evidence }), reverted("AlreadySlashed"));
  const { slasher, ...contracts } = owner.contracts;
  assert.ok(slasher);
  await assert.rejects(slashEquivocation({ ...operator, contracts }, { evidence }), (error) =>
    isFlkError(error, "ERR_CONTRACT_UNKNOWN"),
  );
});
