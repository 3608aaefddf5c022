// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlementTypes} from "../interfaces/IEpochSettlement.sol";

/// @title What settlements, the start and restarts are named by
/// @notice The same bytes as protocol/digests.
library SettlementDigest {
    bytes32 private constant SETTLEMENT_TYPEHASH = keccak256(
        "FlkSettlement(uint64 epoch,bytes32 previous,uint64 closeTime,uint64 l2Number,bytes32 l2Hash,bytes32 stateRoot,bytes32 payoutRoot,bytes32 balanceRoot,bytes32 reportHash,uint256 totalBalances,uint256 totalPayoutStable,uint256 totalPayoutFlk,bytes32 slashListHash,bytes32 nextCommitteeHash)"
    );
    /// @dev 14 words.
    uint256 private constant SETTLEMENT_BYTES = 448;
    bytes32 private constant GENESIS_TYPEHASH = keccak256(
        "FlkGenesis(bytes32 networkId,bytes32 committeeHash,uint64 startTime,uint64 l2Number)"
    );
    bytes32 private constant RESTART_TYPEHASH = keccak256(
        "FlkRestart(bytes32 networkId,bytes32 lastActive,bytes32 committeeHash,uint64 resumeEpoch,uint64 restarts)"
    );

    /// @notice Names a settlement; what its successor has as `previous`.
    /// @dev keccak256(abi.encode(SETTLEMENT_TYPEHASH, settlement)), copied as a whole: two are named with every settlement.
    function ofSettlement(IEpochSettlementTypes.Settlement calldata settlement) internal pure returns (bytes32 digest) {
        bytes32 typeHash = SETTLEMENT_TYPEHASH;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, typeHash)
            calldatacopy(add(input, 0x20), settlement, SETTLEMENT_BYTES)
            digest := keccak256(input, add(SETTLEMENT_BYTES, 0x20))
        }
    }

    /// @notice Opens epoch 0.
    function ofStart(
        bytes32 network,
        bytes32 committeeHash,
        uint64 startTime,
        uint64 l2Number
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(GENESIS_TYPEHASH, network, committeeHash, startTime, l2Number));
    }

    /// @notice Opens the epoch after a restart: another one each time, so that no voided certificate follows it.
    function ofRestart(
        bytes32 network,
        bytes32 lastActive,
        bytes32 committeeHash,
        uint64 resumeEpoch,
        uint64 restarts
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(RESTART_TYPEHASH, network, lastActive, committeeHash, resumeEpoch, restarts));
    }
}
