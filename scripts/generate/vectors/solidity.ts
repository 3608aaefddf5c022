import { concat, getAddress, type Hex, numberToHex } from "viem";
import { aggregateKeyEip2537 } from "#protocol/crypto/eip2537.ts";
import { toHex } from "#protocol/types/hex.ts";
import { consensusVectors, networkVectors, settlementVectors } from "./consensus.ts";
import { committee, settlement } from "./samples.ts";

/** The vectors of what the contracts compute, as a Solidity library: their tests cannot read files everywhere that they run. */
export function solidityVectors(): string {
  const lines = constants().map(([type, name, value]) => `${type} internal constant ${name} = ${value};`);
  return `// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice From test/vectors, by scripts/generate/vectors.ts: do not edit.
library Vectors {
${lines.join("\n")}
}
`;
}

type Constant = [type: string, name: string, value: string];

function constants(): Constant[] {
  const { chainId, settlement: contract, networkId } = networkVectors();
  const v = settlementVectors();
  const key = aggregateKeyEip2537(
    committee.members
      .filter(({ nodeId }) => !v.certificate.nonSigners.includes(nodeId))
      .map((m) => m.consensusKey),
  );
  return [
    ["uint256", "CHAIN_ID", String(chainId)],
    ["address", "SETTLEMENT_CONTRACT", getAddress(contract)],
    ["bytes32", "NETWORK_ID", networkId],
    ["bytes", "SETTLEMENT", bytes(settlementWords())],
    ["bytes32", "SETTLEMENT_DIGEST", v.settlement.digest],
    ["bytes32", "SETTLEMENT_MESSAGE", v.settlement.message],
    ["uint64", "COMMITTEE_EPOCH", String(committee.epoch)],
    ["bytes", "COMMITTEE_MEMBERS", bytes(v.committee.members)],
    ["bytes", "COMMITTEE_KEY", bytes(v.committee.aggregateKey)],
    ["bytes32", "COMMITTEE_HASH", v.committee.hash],
    ["bytes", "SIGNERS_KEY", bytes(toHex(key))],
    ["bytes", "SIGNATURE", bytes(v.certificate.signatureEip2537)],
    ["uint64", "GENESIS_START", String(v.genesis.startTime)],
    ["uint64", "GENESIS_L2_NUMBER", String(v.genesis.l2Number)],
    ["bytes32", "GENESIS_DIGEST", v.genesis.digest],
    ["bytes32", "RESTART_LAST_ACTIVE", v.restart.lastActive],
    ["uint64", "RESTART_EPOCH", String(v.restart.resumeEpoch)],
    ["uint64", "RESTART_COUNT", String(v.restart.restarts)],
    ["bytes32", "RESTART_DIGEST", v.restart.digest],
    ["address", "POSSESSION_OWNER", getAddress(v.proofOfPossession.owner)],
    ["bytes", "POSSESSION_KEY", bytes(v.proofOfPossession.keyEip2537)],
    ["bytes32", "POSSESSION_MESSAGE", v.proofOfPossession.message],
    ...signedConstants(),
  ];
}

/** Payloads that are no settlement. */
function signedConstants(): Constant[] {
  const { header, vote } = consensusVectors();
  const slot = BigInt(vote.round) * 2n ** 32n + BigInt(vote.author);
  return [
    ["uint64", "VOTE_EPOCH", String(vote.epoch)],
    ["uint256", "VOTE_SLOT", String(slot)],
    ["bytes32", "VOTE_PAYLOAD", vote.digest],
    ["bytes32", "VOTE_MESSAGE", vote.message],
    ["uint64", "HEADER_EPOCH", String(vote.epoch)],
    ["uint256", "HEADER_SLOT", String(vote.round)],
    ["bytes32", "HEADER_PAYLOAD", header.digest],
    ["bytes32", "HEADER_MESSAGE", header.message],
  ];
}

/** abi.encode of the struct, every field of which is one word. */
function settlementWords(): Hex {
  const words = Object.values(settlement).map((field) =>
    field instanceof Uint8Array ? toHex(field) : numberToHex(BigInt(field), { size: 32 }),
  );
  return concat(words);
}

function bytes(hex: string): string {
  return `hex"${hex.slice(2)}"`;
}
