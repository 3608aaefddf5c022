import { encodeAbiParameters, encodePacked, keccak256, toBytes, zeroHash } from "viem";
import { aggregateKeyEip2537 } from "../crypto/eip2537.ts";
import type { Committee } from "../types/committee.ts";
import { fromHex, type Hex, toHex } from "../types/hex.ts";
import { EpochReport, type Settlement } from "../types/settlement.ts";

export const SETTLEMENT_TYPEHASH = keccak256(
  toBytes(
    "FlkSettlement(uint64 epoch,bytes32 previous,uint64 closeTime,uint64 l2Number,bytes32 l2Hash,bytes32 stateRoot,bytes32 payoutRoot,bytes32 balanceRoot,bytes32 reportHash,uint256 totalBalances,uint256 totalPayoutStable,uint256 totalPayoutFlk,bytes32 slashListHash,bytes32 nextCommitteeHash)",
  ),
);
export const COMMITTEE_TYPEHASH = keccak256(
  toBytes("FlkCommittee(uint64 epoch,bytes members,bytes aggregateKey)"),
);
export const GENESIS_TYPEHASH = keccak256(
  toBytes("FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)"),
);
export const RESTART_TYPEHASH = keccak256(
  toBytes(
    "FlkRestart(bytes32 networkId,bytes32 lastActive,bytes32 committeeHash,uint64 resumeEpoch,uint64 restarts)",
  ),
);
export const POP_TYPEHASH = keccak256(
  toBytes("FlkProofOfPossession(bytes32 networkId,address owner,bytes key)"),
);

const B32 = { type: "bytes32" } as const;
const U64 = { type: "uint64" } as const;
const U256 = { type: "uint256" } as const;

/** The digest that the L2 stores, that committees sign (as payloadHash) and that the next settlement names as `previous`. */
export function settlementDigest(s: Settlement): Uint8Array {
  const encoded = encodeAbiParameters(
    [B32, U64, B32, U64, U64, B32, B32, B32, B32, B32, U256, U256, U256, B32, B32],
    [
      SETTLEMENT_TYPEHASH,
      BigInt(s.epoch),
      toHex(s.previous),
      BigInt(s.closeTime),
      BigInt(s.l2Number),
      toHex(s.l2Hash),
      toHex(s.stateRoot),
      toHex(s.payoutRoot),
      toHex(s.balanceRoot),
      toHex(s.reportHash),
      s.totalBalances,
      s.totalPayoutStable,
      s.totalPayoutFlk,
      toHex(s.slashListHash),
      toHex(s.nextCommitteeHash),
    ],
  );
  return fromHex(keccak256(encoded));
}

/** The settlement as the L2 takes it. */
export interface L2Settlement {
  epoch: bigint;
  previous: Hex;
  closeTime: bigint;
  l2Number: bigint;
  l2Hash: Hex;
  stateRoot: Hex;
  payoutRoot: Hex;
  balanceRoot: Hex;
  reportHash: Hex;
  totalBalances: bigint;
  totalPayoutStable: bigint;
  totalPayoutFlk: bigint;
  slashListHash: Hex;
  nextCommitteeHash: Hex;
}

/** What the L2 takes as the settlement before the first one. */
export const NO_SETTLEMENT: L2Settlement = {
  epoch: 0n,
  previous: zeroHash,
  closeTime: 0n,
  l2Number: 0n,
  l2Hash: zeroHash,
  stateRoot: zeroHash,
  payoutRoot: zeroHash,
  balanceRoot: zeroHash,
  reportHash: zeroHash,
  totalBalances: 0n,
  totalPayoutStable: 0n,
  totalPayoutFlk: 0n,
  slashListHash: zeroHash,
  nextCommitteeHash: zeroHash,
};

export function toL2Settlement(s: Settlement): L2Settlement {
  return {
    epoch: BigInt(s.epoch),
    previous: toHex(s.previous),
    closeTime: BigInt(s.closeTime),
    l2Number: BigInt(s.l2Number),
    l2Hash: toHex(s.l2Hash),
    stateRoot: toHex(s.stateRoot),
    payoutRoot: toHex(s.payoutRoot),
    balanceRoot: toHex(s.balanceRoot),
    reportHash: toHex(s.reportHash),
    totalBalances: s.totalBalances,
    totalPayoutStable: s.totalPayoutStable,
    totalPayoutFlk: s.totalPayoutFlk,
    slashListHash: toHex(s.slashListHash),
    nextCommitteeHash: toHex(s.nextCommitteeHash),
  };
}

/** The committee as the L2 takes it: packed members and the EIP-2537 sum of their keys. */
export interface L2Committee {
  epoch: bigint;
  members: Hex;
  aggregateKey: Hex;
}

export function toL2Committee(committee: Committee): L2Committee {
  const members = committee.members
    .map((m) =>
      encodePacked(["uint32", "uint32", "uint64"], [m.nodeId, m.keyVersion, BigInt(m.power)]).slice(2),
    )
    .join("");
  return {
    epoch: BigInt(committee.epoch),
    members: `0x${members}`,
    aggregateKey: toHex(aggregateKeyEip2537(committee.members.map((m) => m.consensusKey))),
  };
}

export function committeeHash(committee: Committee): Uint8Array {
  const l2 = toL2Committee(committee);
  const encoded = encodeAbiParameters(
    [B32, U64, B32, B32],
    [COMMITTEE_TYPEHASH, l2.epoch, keccak256(l2.members), keccak256(l2.aggregateKey)],
  );
  return fromHex(keccak256(encoded));
}

/** `previous` of the settlement of epoch 0 and `opening` of epoch 0. `startTime`: Unix ms. */
export function genesisDigest(
  networkId: Uint8Array,
  committee: Uint8Array,
  startTime: number,
  l2Number: number,
): Uint8Array {
  const encoded = encodeAbiParameters(
    [B32, B32, B32, U64, U64],
    [GENESIS_TYPEHASH, toHex(networkId), toHex(committee), BigInt(startTime), BigInt(l2Number)],
  );
  return fromHex(keccak256(encoded));
}

/**
 * `previous` of the first settlement after a restart. `lastActive`: digest of the newest active settlement, or of what opened the epochs
 * when none was ever active since; `restarts`: with this one.
 */
export function restartDigest(
  networkId: Uint8Array,
  lastActive: Uint8Array,
  committee: Uint8Array,
  resumeEpoch: number,
  restarts: number,
): Uint8Array {
  const encoded = encodeAbiParameters(
    [B32, B32, B32, B32, U64, U64],
    [
      RESTART_TYPEHASH,
      toHex(networkId),
      toHex(lastActive),
      toHex(committee),
      BigInt(resumeEpoch),
      BigInt(restarts),
    ],
  );
  return fromHex(keccak256(encoded));
}

/** What a consensus key signs to prove that its registrant holds it; bound to owner and network. `key128`: EIP-2537 G1. */
export function popMessage(networkId: Uint8Array, owner: Hex, key128: Uint8Array): Uint8Array {
  const encoded = encodeAbiParameters(
    [B32, B32, { type: "address" }, B32],
    [POP_TYPEHASH, toHex(networkId), owner, keccak256(key128)],
  );
  return fromHex(keccak256(encoded));
}

/** keccak256 of the report's SSZ bytes. */
export function reportHash(report: EpochReport): Uint8Array {
  return fromHex(keccak256(EpochReport.serialize(report)));
}

/** keccak256 of nothing: the slash list of an epoch without slashes. */
export const EMPTY_SLASH_LIST: Uint8Array = fromHex(keccak256("0x"));
