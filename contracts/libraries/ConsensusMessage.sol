// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The 32-byte messages that consensus keys sign
/// @notice Bound to the chain and the settlement contract by the network id. The same bytes as protocol/digests.
library ConsensusMessage {
    bytes32 internal constant CONSENSUS_TYPEHASH = keccak256(
        "FlkConsensus(bytes32 networkId,uint8 kind,uint64 epoch,uint256 slot,bytes32 payloadHash)"
    );
    bytes32 internal constant PROOF_TYPEHASH = keccak256(
        "FlkProofOfPossession(bytes32 networkId,address owner,bytes key)"
    );

    uint8 internal constant KIND_SETTLEMENT = 4;
    uint256 internal constant SLOT_SETTLEMENT = 0;
    /// @dev How many epochs after the one that is posted next honest nodes may sign in: a committee closes an epoch, and the next one runs
    /// before the settlement between them is posted.
    uint64 internal constant MAX_AHEAD = 1;

    /// @notice Names the network of the settlement contract at `settlement` on this chain.
    function networkId(address settlement) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, settlement));
    }

    /// @notice What committee members sign to settle an epoch.
    function ofSettlement(bytes32 network, uint64 epoch, bytes32 digest) internal pure returns (bytes32) {
        return ofPayload(network, KIND_SETTLEMENT, epoch, SLOT_SETTLEMENT, digest);
    }

    /// @notice What a key signs for a payload of any kind.
    function ofPayload(
        bytes32 network,
        uint8 kind,
        uint64 epoch,
        uint256 slot,
        bytes32 payloadHash
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSENSUS_TYPEHASH, network, kind, epoch, slot, payloadHash));
    }

    /// @notice What a key signs to prove that `owner` may register it.
    function ofPossession(bytes32 network, address owner, bytes memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(PROOF_TYPEHASH, network, owner, keccak256(key)));
    }
}
