import { createHash } from "node:crypto";
import { type ContractFunctionArgs, keccak256 } from "viem";
import type { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { nodeStakingAbi } from "#protocol/abi/NodeStaking.ts";
import { type BlsSigner, blsAggregateSignatures, blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537, g2ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { settlementMessage } from "#protocol/digests/consensus.ts";
import {
  NO_SETTLEMENT,
  popMessage,
  settlementDigest,
  toL2Committee,
  toL2Settlement,
} from "#protocol/digests/settlement.ts";
import type { Committee } from "#protocol/types/committee.ts";
import { fromHex, type Hex, toHex } from "#protocol/types/hex.ts";
import type { Settlement } from "#protocol/types/settlement.ts";
import type { TestL2 } from "./l2.ts";

/** The consensus key that node `id` of these tests has. */
export function testSigner(id: number): BlsSigner {
  return blsSigner(blsKeygen(createHash("sha256").update(`flk test node ${id}`).digest()));
}

/** Registers the next node with the key of `testSigner(id)`, owned by account `index` of the L2. */
export async function registerTestNode(l2: TestL2, id: number, index: number): Promise<void> {
  const wallet = l2.wallet(index);
  const signer = testSigner(id);
  const key = g1ToEip2537(signer.publicKey);
  const message = popMessage(fromHex(l2.deployment.networkId), wallet.account.address, key);
  const hash = await wallet.writeContract({
    address: l2.deployment.staking,
    abi: nodeStakingAbi,
    functionName: "register",
    args: [
      toHex(key),
      toHex(g2ToEip2537(signer.sign(message))),
      keccak256(toHex(signer.publicKey)),
      "/ip4/127.0.0.1/tcp/4200",
    ],
  });
  await l2.client.waitForTransactionReceipt({ hash });
}

/** Equal power for nodes of `testSigner`; `ids` ascending. */
export function testCommittee(epoch: number, ids: number[]): Committee {
  const members = ids.map((nodeId) => ({
    nodeId,
    keyVersion: 0,
    power: 1,
    consensusKey: testSigner(nodeId).publicKey,
  }));
  return { epoch, members };
}

/** Arguments of `settle`, signed by all members but `absent`, with the keys of these tests or of `signerOf`. */
export function signedSettle(
  networkId: Hex,
  settlement: Settlement,
  committee: Committee,
  absent: number[] = [],
  previous: Settlement | undefined = undefined,
  signerOf: (nodeId: number) => BlsSigner = testSigner,
): ContractFunctionArgs<typeof epochSettlementAbi, "nonpayable", "settle"> {
  const message = settlementMessage(fromHex(networkId), settlement.epoch, settlementDigest(settlement));
  const signers = committee.members.filter((member) => !absent.includes(member.nodeId));
  const signature = blsAggregateSignatures(signers.map((member) => signerOf(member.nodeId).sign(message)));
  return [
    previous ? toL2Settlement(previous) : NO_SETTLEMENT,
    toL2Settlement(settlement),
    toL2Committee(committee),
    absent,
    toHex(g2ToEip2537(signature)),
  ];
}
