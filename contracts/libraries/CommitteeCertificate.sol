// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {Bls12381} from "./Bls12381.sol";

/// @notice `members`: entries of 16 bytes (uint32 nodeId, uint32 keyVersion, uint64 power, big-endian), ascending by nodeId.
/// `aggregateKey`: EIP-2537 G1 sum of all members' keys.
struct Committee {
    uint64 epoch;
    bytes members;
    bytes aggregateKey;
}

/// @title Aggregated signatures of a committee
/// @notice The key of the signers is the aggregate key minus the keys of those who did not sign. Quorum: 2N/3 + 1 of the
/// total power N.
/// @dev Callers must have checked `hash(committee)` against a hash that they trust; only then is `aggregateKey` the sum.
library CommitteeCertificate {
    /// @notice Members are empty, not a multiple of 16 bytes, more than 256, not strictly ascending, or one has no power.
    error InvalidCommittee();
    /// @notice Non-signers must be strictly ascending.
    error NonSignersNotAscending(uint32 previous, uint32 nodeId);
    /// @notice `nodeId` is no member of the committee.
    error NonSignerNotMember(uint32 nodeId);
    /// @notice The signers have `power`, `quorum` is needed.
    error QuorumNotReached(uint256 power, uint256 quorum);
    /// @notice The signature is not that of the named signers over this message.
    error InvalidSignature();

    bytes32 internal constant TYPEHASH = keccak256("FlkCommittee(uint64 epoch,bytes members,bytes aggregateKey)");
    uint256 private constant ENTRY = 16;
    uint256 private constant MAX_MEMBERS = 256;

    /// @notice The hash by which a settlement names the next committee.
    function hash(Committee calldata committee) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(TYPEHASH, committee.epoch, keccak256(committee.members), keccak256(committee.aggregateKey))
            );
    }

    /// @notice `hash` of a committee in memory.
    function hashOf(Committee memory committee) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(TYPEHASH, committee.epoch, keccak256(committee.members), keccak256(committee.aggregateKey))
            );
    }

    /// @notice Reverts unless a quorum of `committee` signed `message`.
    /// @param nonSigners node ids of the members that did not sign, strictly ascending
    /// @param signature EIP-2537 G2
    function verify(
        Committee calldata committee,
        uint32[] calldata nonSigners,
        bytes32 message,
        bytes calldata signature,
        INodeStaking staking
    ) internal view {
        (uint64[] memory absent, uint256 absentPower, uint256 total) = _absent(committee.members, nonSigners);
        uint256 quorum = (2 * total) / 3 + 1;
        if (total - absentPower < quorum) revert QuorumNotReached(total - absentPower, quorum);

        bytes memory key = committee.aggregateKey;
        if (absent.length != 0) key = Bls12381.add(key, Bls12381.negate(staking.sumOfKeys(absent)));
        if (!Bls12381.verify(key, message, signature)) revert InvalidSignature();
    }

    /// @notice The key ids (nodeId * 2^32 + keyVersion) of all members. Reverts when the members are malformed.
    function keyIds(bytes calldata members) internal pure returns (uint64[] memory ids) {
        if (!isWellFormed(members)) revert InvalidCommittee();
        ids = new uint64[](members.length / ENTRY);
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = uint64(_entry(members, i) >> 64);
    }

    /// @notice False where `InvalidCommittee` says why.
    function isWellFormed(bytes calldata members) internal pure returns (bool) {
        uint256 count = members.length / ENTRY;
        if (count == 0 || count > MAX_MEMBERS || members.length % ENTRY != 0) return false;
        uint256 last = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 entry = _entry(members, i);
            uint256 nodeId = entry >> 96;
            if (nodeId <= last || uint64(entry) == 0) return false;
            last = nodeId;
        }
        return true;
    }

    function _absent(
        bytes calldata members,
        uint32[] calldata nonSigners
    ) private pure returns (uint64[] memory ids, uint256 absentPower, uint256 total) {
        _count(members);
        ids = new uint64[](nonSigners.length);
        uint256 found = 0;
        bool faulty = false;
        // At most 256 members of 64-bit power: no sum overflows. Faults are collected, not branched on: this runs for every member.
        assembly ("memory-safe") {
            let last := 0
            let wanted := not(0)
            if nonSigners.length {
                wanted := calldataload(nonSigners.offset)
            }
            let end := add(members.offset, members.length)
            for {
                let at := members.offset
            } lt(at, end) {
                at := add(at, ENTRY)
            } {
                let entry := shr(128, calldataload(at))
                let power := and(entry, 0xffffffffffffffff)
                let nodeId := shr(96, entry)
                faulty := or(faulty, or(iszero(gt(nodeId, last)), iszero(power)))
                total := add(total, power)
                last := nodeId
                if eq(nodeId, wanted) {
                    absentPower := add(absentPower, power)
                    found := add(found, 1)
                    mstore(add(ids, shl(5, found)), and(shr(64, entry), 0xffffffffffffffff))
                    wanted := not(0)
                    if lt(found, nonSigners.length) {
                        wanted := calldataload(add(nonSigners.offset, shl(5, found)))
                    }
                }
            }
        }
        if (faulty) revert InvalidCommittee();
        if (found != nonSigners.length) _revertUnmatched(nonSigners, found);
    }

    /// @dev Members ascend, so the first entry that no member matched is out of order, or of no member.
    function _revertUnmatched(uint32[] calldata nonSigners, uint256 index) private pure {
        if (index != 0 && nonSigners[index] <= nonSigners[index - 1]) {
            revert NonSignersNotAscending(nonSigners[index - 1], nonSigners[index]);
        }
        revert NonSignerNotMember(nonSigners[index]);
    }

    function _count(bytes calldata members) private pure returns (uint256 count) {
        count = members.length / ENTRY;
        if (count == 0 || count > MAX_MEMBERS || members.length % ENTRY != 0) revert InvalidCommittee();
    }

    /// @dev The 16 bytes of a member, right-aligned. `index` must be below `_count`.
    function _entry(bytes calldata members, uint256 index) private pure returns (uint256 entry) {
        assembly ("memory-safe") {
            entry := shr(128, calldataload(add(members.offset, mul(index, ENTRY))))
        }
    }
}
