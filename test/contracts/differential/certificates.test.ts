import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import fc from "fast-check";
import {
  BaseError,
  ContractFunctionRevertedError,
  createTestClient,
  encodeAbiParameters,
  getAddress,
  http,
  keccak256,
  parseEventLogs,
} from "viem";
import { foundry } from "viem/chains";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { blsAggregateSignatures } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  committeeHash,
  EMPTY_SLASH_LIST,
  popMessage,
  settlementDigest,
  toL2Committee,
} from "#protocol/digests/settlement.ts";
import { payoutProof, payoutRoot } from "#protocol/digests/trees.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import { registerTestNode, signedSettle, testCommittee, testSigner } from "../support/committee.ts";
import { reachTime, startTestL2, type TestL2 } from "../support/l2.ts";

/** Certificates and keys of blst, and trees of @openzeppelin/merkle-tree, against the contracts; whole and damaged. */

const START = 1_800_000_000_000;
const GAS = 3_000_000n;
const P = BigInt(
  "0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
);
const genesis = testCommittee(0, [1, 2, 3, 4]);
const zero = new Uint8Array(32);
const entries = Array.from({ length: 9 }, (_, i) => ({
  account: fromHex(`0x${(i + 0xa1).toString(16).padStart(40, "0")}`),
  stable: 0n,
  flk: BigInt(i + 1) * 10n ** 15n,
}));
const tree = StandardMerkleTree.of(
  entries.map((e) => [getAddress(toHex(e.account)), e.stable, e.flk]),
  ["address", "uint256", "uint256"],
);
const word = (value: bigint): Uint8Array => fromHex(`0x${value.toString(16).padStart(128, "0")}`);
const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

let l2: TestL2;
let settlement: Settlement;
type Settle = ReturnType<typeof signedSettle>;

before(async () => {
  l2 = await startTestL2();
  for (const id of [1, 2, 3, 4]) await registerTestNode(l2, id, id);
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
  settlement = {
    epoch: 0,
    previous: fromHex(started.args.genesisDigest),
    closeTime: START + 30_000,
    l2Number: 1,
    l2Hash: zero,
    stateRoot: zero,
    payoutRoot: fromHex(tree.root as Hex),
    balanceRoot: zero,
    reportHash: zero,
    totalBalances: 0n,
    totalPayoutStable: 0n,
    totalPayoutFlk: entries.reduce((sum, e) => sum + e.flk, 0n),
    slashListHash: EMPTY_SLASH_LIST,
    nextCommitteeHash: committeeHash(testCommittee(1, [1, 2, 3, 4])),
  };
});
after(() => l2?.stop());

/** What the call reverts with: a name, or "reverts" when the ABI has none for it; undefined when it goes through. */
async function outcome(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const revert = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (!(revert instanceof ContractFunctionRevertedError)) throw error;
    return revert.data?.errorName ?? "reverts";
  }
}

function settles(args: Settle): Promise<string | undefined> {
  const { settlement: address } = l2.deployment;
  const call = { address, abi: epochSettlementAbi, functionName: "settle", gas: GAS, args } as const;
  return outcome(l2.client.simulateContract(call));
}

function withSignature(signature: Uint8Array): Settle {
  const [previous, s, committee, absent] = signedSettle(l2.deployment.networkId, settlement, genesis);
  return [previous, s, committee, absent, toHex(signature)];
}

function valid(): Uint8Array {
  return fromHex(signedSettle(l2.deployment.networkId, settlement, genesis)[4]);
}

test("a certificate of any quorum settles, and of no fewer", async () => {
  for (const absent of [[], [1], [2], [3], [4]]) {
    assert.equal(
      await settles(signedSettle(l2.deployment.networkId, settlement, genesis, absent)),
      undefined,
    );
  }
  const few = signedSettle(l2.deployment.networkId, settlement, genesis, [1, 4]);
  assert.equal(await settles(few), "QuorumNotReached");
});

test("a signature with any bit flipped is refused", async () => {
  const signature = valid();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 8 * signature.length - 1 }), async (bit) => {
      const damaged = Uint8Array.from(signature);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.notEqual(await settles(withSignature(damaged)), undefined);
    }),
    { numRuns: 60 },
  );
});

test("truncated, extended, negated, infinite and non-subgroup signatures are refused", async () => {
  const signature = valid();
  const fields = [0, 1, 2, 3].map((i) => BigInt(toHex(signature.subarray(64 * i, 64 * (i + 1)))));
  const [x0, x1, y0, y1] = fields as [bigint, bigint, bigint, bigint];
  const outside = join(
    word(2n),
    word(0n),
    word(0x18c6b864ae17dc9da64203ffefb966306425a7bc6aeb7c75247438372716284a4173830420cd476ba1a365b95bfcec38n),
    word(0x172e93db764a8400a7d5071b6b6f5de0da2f0f4a063119abca014006b7c40a2cfe291a1924e65db0d6d0fcfbf3bf3d5cn),
  );
  const damaged = {
    empty: new Uint8Array(0),
    truncated: signature.subarray(0, 255),
    extended: join(signature, new Uint8Array(1)),
    negated: join(word(x0), word(x1), word(P - y0), word(P - y1)),
    swapped: join(word(x1), word(x0), word(y1), word(y0)),
    unreduced: join(word(x0 + P), word(x1), word(y0), word(y1)),
    infinite: new Uint8Array(256),
    outside,
  };
  for (const [name, bytes] of Object.entries(damaged)) {
    assert.notEqual(await settles(withSignature(bytes)), undefined, name);
  }
  assert.equal(await settles(withSignature(signature)), undefined);
});

test("a certificate for another epoch, chain, contract, committee or key version is refused", async () => {
  const { networkId } = l2.deployment;
  const named = (chain: bigint, contract: Hex): Hex =>
    keccak256(encodeAbiParameters([{ type: "uint256" }, { type: "address" }], [chain, contract]));
  const chain = BigInt(foundry.id);
  assert.equal(named(chain, l2.deployment.settlement), networkId);
  for (const other of [named(chain + 1n, l2.deployment.settlement), named(chain, l2.deployment.staking)]) {
    assert.equal(await settles(signedSettle(other, settlement, genesis)), "InvalidSignature");
  }
  const message = settlementMessage(fromHex(networkId), 1, settlementDigest(settlement));
  const signed = [1, 2, 3, 4].map((id) => testSigner(id).sign(message));
  assert.equal(await settles(withSignature(g2ToEip2537(blsAggregateSignatures(signed)))), "InvalidSignature");
  const later = { ...settlement, epoch: 1 };
  assert.equal(await settles(signedSettle(networkId, later, testCommittee(1, [1, 2, 3, 4]))), "WrongEpoch");
  for (const committee of [testCommittee(0, [1, 2, 3]), testCommittee(1, [1, 2, 3, 4])]) {
    assert.equal(await settles(signedSettle(networkId, settlement, committee)), "WrongCommittee");
  }
  const rotated = { ...genesis, members: genesis.members.map((m) => ({ ...m, keyVersion: 1 })) };
  assert.equal(await settles(signedSettle(networkId, settlement, rotated)), "WrongCommittee");
  const absent = signedSettle(networkId, settlement, genesis, [2]);
  assert.equal(await settles([absent[0], absent[1], absent[2], [3], absent[4]]), "InvalidSignature");
});

test("keys of blst register with their own proof only; infinity and points outside the subgroup never", async () => {
  const { account } = l2.wallet(5);
  const signer = testSigner(5);
  const key = g1ToEip2537(signer.publicKey);
  const prove = (by: Hex, id = 5) =>
    g2ToEip2537(testSigner(id).sign(popMessage(fromHex(l2.deployment.networkId), by, key)));
  const registers = (bytes: Uint8Array, proof: Uint8Array) => {
    const args = [toHex(bytes), toHex(proof), keccak256(toHex(key)), "/ip4/127.0.0.1/tcp/4200"] as const;
    const { staking: address } = l2.deployment;
    return outcome(
      l2.client.simulateContract({ address, abi: nodeStakingAbi, functionName: "register", args, account }),
    );
  };
  assert.equal(await registers(key, prove(account.address)), undefined);
  assert.notEqual(await registers(key, prove(l2.wallet(6).account.address)), undefined);
  assert.notEqual(await registers(key, prove(account.address, 6)), undefined);
  const negated = join(key.subarray(0, 64), word(P - BigInt(toHex(key.subarray(64)))));
  assert.notEqual(await registers(negated, prove(account.address)), undefined);
  assert.notEqual(await registers(key.subarray(1), prove(account.address)), undefined);
  // Infinity, and (0, 2): a point of order 3 on the curve.
  assert.notEqual(await registers(new Uint8Array(128), new Uint8Array(256)), undefined);
  assert.notEqual(await registers(join(word(0n), word(2n)), new Uint8Array(256)), undefined);
});

test("roots and proofs of @openzeppelin/merkle-tree are what claims take", async () => {
  assert.equal(toHex(payoutRoot(entries)), tree.root);
  const { settlement: address, networkId } = l2.deployment;
  const anvil = createTestClient({ mode: "anvil", transport: http(l2.rpcUrl) });
  const common = { address, abi: epochSettlementAbi, gas: GAS } as const;
  const reach = async (ms: number): Promise<void> => {
    await anvil.setNextBlockTimestamp({ timestamp: BigInt(ms / 1000) });
    await anvil.mine({ blocks: 1 });
  };
  await reach(settlement.closeTime);
  const args = signedSettle(networkId, settlement, genesis);
  const posted = await l2.wallet(9).writeContract({ ...common, functionName: "settle", args });
  await l2.client.waitForTransactionReceipt({ hash: posted });
  await reach(settlement.closeTime + 3_600_000);
  const activated = await l2
    .wallet(9)
    .writeContract({ ...common, functionName: "activate", args: [args[1]] });
  await l2.client.waitForTransactionReceipt({ hash: activated });

  for (const [i, { account, stable, flk }] of entries.entries()) {
    const proof = tree.getProof(i) as Hex[];
    assert.deepEqual(payoutProof(entries, account)?.proof, proof);
    const claims = (amount: bigint, by: Hex[]) =>
      outcome(
        l2.client.simulateContract({
          ...common,
          functionName: "claim",
          args: [toHex(account), stable, amount, by],
        }),
      );
    assert.equal(await claims(flk, proof), undefined);
    assert.equal(await claims(flk + 1n, proof), "InvalidProof");
    assert.equal(await claims(flk, proof.slice(1)), "InvalidProof");
    assert.equal(await claims(flk, proof.toReversed()), "InvalidProof");
  }
});
